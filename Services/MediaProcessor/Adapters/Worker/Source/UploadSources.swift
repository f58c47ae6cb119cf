package import MediaDomain
package import ObjectStorage

/// Opens uploads wherever they lie, and none that is larger than we take.
package struct UploadSources: SourceOpener {
    private let local: any SourceOpener
    private let remote: RemoteSources?
    private let largest: Int64

    /// - Parameters:
    ///   - remote: Opens what has a scheme of the network; `local` refuses it where there is none.
    ///   - largest: Bytes.
    package init(
        local: any SourceOpener,
        remote: RemoteSources? = nil,
        largest: Int64 = MediaLimits.sourceBytes
    ) {
        self.local = local
        self.remote = remote
        self.largest = largest
    }

    package func open(_ uri: String) async throws(MediaError) -> MediaSource {
        let source = try await opened(uri)
        guard source.size > 0 else { throw MediaError(.empty, "'\(Self.shown(uri))' has no bytes") }
        guard source.size <= largest else {
            throw MediaError(.tooLarge, "'\(Self.shown(uri))' has \(source.size) bytes; at most \(largest) are taken")
        }
        return source
    }

    private func opened(_ uri: String) async throws(MediaError) -> MediaSource {
        guard let remote, Self.isRemote(uri) else { return try await local.open(uri) }
        do throws(ObjectStoreError) {
            return .remote(try await remote.open(uri))
        } catch {
            throw MediaError(source: error)
        }
    }

    /// Without the query of a URL, which may hold what lets one read.
    private static func shown(_ uri: String) -> String { isRemote(uri) ? String(uri.prefix { $0 != "?" }) : uri }

    private static func isRemote(_ uri: String) -> Bool {
        ["https:", "http:", "s3:"].contains { uri.prefix(6).lowercased().hasPrefix($0) }
    }
}
