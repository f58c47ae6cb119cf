import Foundation
import Glibc
import ObjectStorage
import Testing

struct FileTreeTests {
    private let folder: TemporaryFolder
    private let tree: FileTree

    init() throws {
        folder = try TemporaryFolder()
        tree = FileTree(root: folder.path)
    }

    private func code(opening components: String...) -> FileTreeError.Code? {
        do throws(FileTreeError) {
            _ = try tree.openFile(components)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `a file in a folder is opened`() throws {
        try folder.write("12345", to: "a/b/c.mp4")
        #expect(try tree.openFile(["a", "b", "c.mp4"]).size == 5)
    }

    @Test func `what is not there is not found`() throws {
        try folder.write("x", to: "file")
        #expect(code(opening: "nothing") == .notFound)
        #expect(code(opening: "no", "such", "file") == .notFound)
        #expect(code(opening: "file", "below") == .notFound)
    }

    @Test func `no link is followed, wherever it stands and wherever it points`() throws {
        try folder.write("x", to: "real/file")
        try folder.link("real/alias", to: "file")
        try folder.link("door", to: "real")
        try folder.link("dangling", to: "nowhere")
        #expect(code(opening: "real", "alias") == .symbolicLink)
        #expect(code(opening: "door", "file") == .symbolicLink)
        #expect(code(opening: "dangling") == .symbolicLink)
    }

    @Test(.timeLimit(.minutes(1))) func `a fifo, a folder and a socket are no files, and opening them does not block`()
        throws
    {
        #expect(mkfifo("\(folder.path)/fifo", 0o600) == 0)
        try folder.write("x", to: "folder/file")
        #expect(code(opening: "fifo") == .notRegular)
        #expect(code(opening: "folder") == .notRegular)
        #expect(code() == .notRegular)
        #expect(FileTree(root: "/dev").refuses("null"))
    }
}

extension FileTree {
    fileprivate func refuses(_ name: String) -> Bool {
        do throws(FileTreeError) {
            _ = try openFile([name])
            return false
        } catch {
            return error.code == .notRegular
        }
    }
}
