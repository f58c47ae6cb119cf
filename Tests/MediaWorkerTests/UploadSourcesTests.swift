import Foundation
import MediaDomain
import MediaTesting
import MediaWorker
import ObjectStorage
import OutboundHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct UploadSourcesTests {
    private let folder: TemporaryFolder
    private let canary: Canary

    init() throws {
        folder = try TemporaryFolder()
        canary = try Canary()
        try folder.write("video", to: "a.mp4")
    }

    private func sources(
        _ schemes: Set<String>,
        largest: Int64 = 100,
        _ change: (inout RemoteSources.Settings) -> Void = { _ in }
    ) -> UploadSources {
        var settings = RemoteSources.Settings()
        settings.maximumBytes = largest
        settings.allowsPlainHTTP = schemes.contains("http")
        settings.retries.attempts = 1
        change(&settings)
        return UploadSources(
            local: LocalSourceOpener(root: folder.path),
            remote: RemoteSources(settings),
            schemes: schemes,
            largest: largest
        )
    }

    private func reason(_ uri: String, _ sources: UploadSources) async -> MediaError.Reason? {
        do throws(MediaError) {
            _ = try await sources.open(uri)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a path is a file, whatever else is read`() async {
        #expect(await reason("\(folder.path)/a.mp4", sources(["https", "s3"])) == nil)
        #expect(await reason("\(folder.path)/a.mp4", sources([], largest: 4)) == .tooLarge)
    }

    @Test func `what is not set up is not supported`() async {
        #expect(await reason("https://127.0.0.1:\(canary.port)/a.mp4", sources([])) == .unsupportedSource)
        #expect(await reason("s3://bucket/a.mp4", sources(["https"])) == .unsupportedSource)
        #expect(await reason("http://127.0.0.1:\(canary.port)/a.mp4", sources(["https"])) == .unsupportedSource)
        #expect(canary.takeConnections() == 0)
    }

    @Test(arguments: [
        "127.0.0.1", "[::1]", "localhost", "169.254.169.254", "[::ffff:127.0.0.1]", "10.0.0.1", "0.0.0.0",
    ])
    func `addresses that are not public are not connected to`(host: String) async {
        let uri = "http://\(host):\(canary.port)/a.mp4"
        #expect(await reason(uri, sources(["http"])) == .notAllowed)
        #expect(canary.takeConnections() == 0)
    }

    @Test func `a bucket that is not ours to read is not allowed`() async {
        #expect(await reason("s3://other/a.mp4", sources(["s3"])) == .notAllowed)
    }

    @Test func `a server that does not answer is unavailable`() async throws {
        let network = try #require(AddressBlock("127.0.0.0/8"))
        let sources = sources(["http"]) { settings in
            settings.policy = AddressPolicy(networks: [network])
            settings.timeout = .milliseconds(300)
        }
        #expect(await reason("http://127.0.0.1:\(canary.port)/a.mp4", sources) == .sourceUnavailable)
    }
}
