import Foundation

/// A store on disk for one test, removed with it.
final class StoreFolder: Sendable {
    /// The folder that holds the store's root, for what must not be reached.
    let outside: String
    var root: String { outside + "/store" }

    init() throws {
        outside = FileManager.default.temporaryDirectory.path + "/martlet-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: outside) }

    func write(_ content: String, at path: String) throws {
        try write(Array(content.utf8), at: path)
    }

    func write(_ content: [UInt8], at path: String) throws {
        let url = URL(fileURLWithPath: root + "/" + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: url)
    }

    func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: root + "/" + path, withDestinationPath: target)
    }
}
