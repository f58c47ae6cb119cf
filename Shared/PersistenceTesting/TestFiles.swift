import Foundation

/// Files that tests need as long as their process lives, in one folder, which goes when that ends.
package enum TestFiles {
    private static let root: String = {
        // A database may be open until all tests are over.
        atexit { TestFiles.removeAll() }
        return FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)").path
    }()

    /// A database's path in a folder of its own; neither is there yet.
    package static func newPath() -> String { "\(root)/\(UUID().uuidString)/test.db" }

    private static func removeAll() { try? FileManager.default.removeItem(atPath: root) }
}
