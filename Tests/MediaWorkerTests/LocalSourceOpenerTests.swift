import Foundation
import Glibc
import MediaDomain
import MediaWorker
import ObjectStorage
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LocalSourceOpenerTests {
    private let folder: TemporaryFolder
    private let root: String
    private let opener: LocalSourceOpener

    init() throws {
        folder = try TemporaryFolder()
        root = folder.path + "/uploads"
        try folder.write("video", to: "uploads/a/clip one.mp4")
        try folder.write("", to: "uploads/empty.mp4")
        try folder.write("secret", to: "secret.mp4")
        try folder.write("other", to: "uploads-of-others/clip.mp4")
        opener = LocalSourceOpener(root: root)
    }

    private func openFile(_ uri: String) async throws -> OpenFile {
        guard case .file(let file) = try await opener.open(uri) else { throw CancellationError() }
        return file
    }

    private func reason(_ uri: String, _ opener: LocalSourceOpener? = nil) async -> MediaError.Reason? {
        do throws(MediaError) {
            _ = try await (opener ?? self.opener).open(uri)
            return nil
        } catch {
            #expect(!error.message.isEmpty)
            return error.reason
        }
    }

    @Test(arguments: ["", "file://", "file:", "file://localhost", "FILE://LOCALHOST"])
    func `a path and every spelling of its URL open the file`(prefix: String) async throws {
        let isURL = !prefix.isEmpty
        let file = try await openFile("\(prefix)\(root)/a/clip\(isURL ? "%20" : " ")one.mp4")
        #expect(file.size == 5)
    }

    @Test func `dots and double slashes in a path mean nothing`() async {
        #expect(await reason("\(root)/./a//clip one.mp4") == nil)
    }

    @Test func `what is outside the root is not allowed`() async {
        #expect(await reason("/etc/passwd") == .notAllowed)
        #expect(await reason("\(folder.path)/secret.mp4") == .notAllowed)
        #expect(await reason("\(folder.path)/uploads-of-others/clip.mp4") == .notAllowed)
        #expect(await reason("\(root)/../secret.mp4") == .notAllowed)
        #expect(await reason("file://\(root)/%2e%2e/secret.mp4") == .notAllowed)
        #expect(await reason("\(root)/a/../a/clip one.mp4") == .notAllowed)
    }

    @Test func `no link below the root is followed`() async throws {
        try folder.link("uploads/file.mp4", to: "\(folder.path)/secret.mp4")
        try folder.link("uploads/door", to: folder.path)
        try folder.link("uploads/inside.mp4", to: "a/clip one.mp4")
        #expect(await reason("\(root)/file.mp4") == .notAllowed)
        #expect(await reason("\(root)/door/secret.mp4") == .notAllowed)
        #expect(await reason("\(root)/inside.mp4") == .notAllowed)
    }

    @Test func `the root itself may be reached through a link, under either name`() async throws {
        try folder.link("alias", to: root)
        let opener = LocalSourceOpener(root: "\(folder.path)/alias")
        #expect(await reason("\(folder.path)/alias/a/clip one.mp4", opener) == nil)
        #expect(await reason("\(root)/a/clip one.mp4", opener) == nil)
    }

    @Test func `only regular files are sources`() async {
        #expect(mkfifo("\(root)/fifo", 0o600) == 0)
        #expect(await reason("\(root)/fifo") == .notAllowed)
        #expect(await reason("\(root)/a") == .notAllowed)
        #expect(await reason(root) == .notAllowed)
        #expect(await reason("/dev/zero", LocalSourceOpener(root: "/dev")) == .notAllowed)
    }

    @Test func `a file that is missing or empty is called so`() async {
        #expect(await reason("\(root)/nobody.mp4") == .notFound)
        #expect(await reason("\(root)/no/body.mp4") == .notFound)
        #expect(await reason("\(root)/a/clip one.mp4/x") == .notFound)
        #expect(await reason("\(root)/\(String(repeating: "x", count: 300))") == .notFound)
        #expect(await reason("\(root)/empty.mp4") == .empty)
    }

    @Test(arguments: [
        "", "clip.mp4", "s3://bucket/key", "https://example.com/a.mp4", "gopher://example.com/a", "file://host/a.mp4",
        "file:///%zz", "subfile,,start,0,end,9,,:/etc/passwd", "concat:/etc/passwd|/etc/hostname", "pipe:0",
        "data:video/mp4;base64,AAAA", "crypto:/etc/passwd", "%03d.png", "cache:file:/etc/passwd", "C:\\clip.mp4",
    ])
    func `other sources are not supported`(uri: String) async {
        #expect(await reason(uri) == .unsupportedSource)
    }

    @Test func `a file that is larger than we take is refused`() async throws {
        let exact = UploadSources(local: opener, largest: 5)
        guard case .file = try await exact.open("\(root)/a/clip one.mp4") else {
            Issue.record("expected a file")
            return
        }
        let error = await #expect(throws: MediaError.self) {
            _ = try await UploadSources(local: opener, largest: 4).open("\(root)/a/clip one.mp4")
        }
        #expect(error?.reason == .tooLarge && error?.retryable == false)
    }

    @Test func `a path that no kernel takes is refused`() async {
        #expect(await reason("\(root)/a\0b") == .notAllowed)
        #expect(await reason("\(root)\(String(repeating: "/x", count: 3000))") == .notAllowed)
        #expect(await reason(String(repeating: "/", count: 20_000)) == .unsupportedSource)
    }

    @Test func `what was opened is what is read, whatever becomes of the path`() async throws {
        let path = "\(root)/a/clip one.mp4"
        let file = try await openFile(path)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(folder.path)/secret.mp4")
        let again = try String(contentsOfFile: "/dev/fd/\(file.descriptor)", encoding: .utf8)
        #expect(again == "video")
    }
}
