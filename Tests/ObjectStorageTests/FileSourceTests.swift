import Foundation
import ObjectStorage
import Testing

struct FileSourceTests {
    private let folder: TemporaryFolder
    private let source: FileSource

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("0123456789", to: "file")
        source = FileSource(try FileTree(root: folder.path).openFile(["file"]))
    }

    @Test(arguments: [(0, 4, "0123"), (8, 4, "89"), (10, 4, ""), (11, 4, ""), (-1, 4, ""), (3, 0, "")])
    func `a read gives what follows the offset, up to the end`(offset: Int64, count: Int, text: String) throws {
        #expect(source.size == 10)
        #expect(try source.text(at: offset, count) == text)
    }

    @Test func `a file that was cut ends earlier than it was said to`() throws {
        try folder.write("012", to: "other")
        let other = FileSource(try FileTree(root: folder.path).openFile(["other"]))
        #expect(truncate("\(folder.path)/other", 1) == 0)
        #expect(try other.text(at: 0, 10) == "0")
        #expect(try other.text(at: 1, 10) == "")
    }
}

extension ByteSource {
    /// One read, as text.
    func text(at offset: Int64, _ count: Int) throws -> String {
        String(decoding: try bytes(at: offset, count), as: UTF8.self)
    }

    /// One read.
    func bytes(at offset: Int64, _ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try read(
                into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]),
                at: offset
            )
        }
    }
}
