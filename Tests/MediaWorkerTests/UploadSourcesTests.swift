import MediaDomain
import MediaWorker
import ObjectStorage
import Testing

struct UploadSourcesTests {
    private struct NoFiles: SourceOpener {
        func open(_ uri: String) async throws(MediaError) -> MediaSource {
            throw MediaError(.notFound, "local: '\(uri)'")
        }
    }

    private func failure(_ uri: String, remote: RemoteSources?) async -> MediaError? {
        do throws(MediaError) {
            _ = try await UploadSources(local: NoFiles(), remote: remote).open(uri)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("https://127.0.0.1/a?token=hidden", MediaError.Reason.notAllowed), ("HTTPS://[::1]/a", .notAllowed),
        ("http://example.com/a", .notAllowed), ("s3://bucket/a", .notAllowed), ("s3:a", .unsupportedSource),
        ("https://user:hidden@example.com/", .unsupportedSource), ("https:", .unsupportedSource),
    ])
    func `what has a scheme of the network is opened there, if it may be`(uri: String, reason: MediaError.Reason) async
    {
        let error = await failure(uri, remote: RemoteSources(RemoteSources.Settings()))
        #expect(error?.reason == reason && error?.retryable == false)
        #expect(error?.message.contains("token") == false)
    }

    @Test(arguments: ["/a.mp4", "file:///a.mp4", "ftp://host/a"])
    func `everything else is for the files of this machine`(uri: String) async {
        let remote = RemoteSources(RemoteSources.Settings())
        #expect(await failure(uri, remote: remote)?.message == "local: '\(uri)'")
        #expect(await failure("https://host/a", remote: nil)?.message == "local: 'https://host/a'")
    }

    @Test(arguments: [
        (ObjectStoreError.Code.notFound, MediaError.Reason.notFound, false), (.notAllowed, .notAllowed, false),
        (.accessDenied, .notAllowed, false), (.unsupportedSource, .unsupportedSource, false),
        (.invalidConfiguration, .unsupportedSource, false), (.tooLarge, .tooLarge, false),
        (.cancelled, .cancelled, false), (.changed, .sourceUnavailable, true), (.unavailable, .sourceUnavailable, true),
    ])
    func `why a source cannot be read is told by one of the reasons`(
        code: ObjectStoreError.Code,
        reason: MediaError.Reason,
        retryable: Bool
    ) {
        let error = MediaError(source: ObjectStoreError(code, "why"))
        #expect(error.reason == reason && error.retryable == retryable && error.message == "why")
    }
}
