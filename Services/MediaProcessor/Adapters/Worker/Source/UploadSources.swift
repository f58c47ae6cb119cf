package import MediaDomain
package import ObjectStorage

/// Opens uploads wherever they lie, and none that is larger than we take.
package struct UploadSources: SourceOpener {
    private let local: any SourceOpener
    private let remote: RemoteSources
    private let schemes: Set<String>
    private let largest: Int64

    /// - Parameters:
    ///   - schemes: Of addresses that `remote` is asked for; all others are `local`'s.
    ///   - largest: Bytes.
    package init(
        local: any SourceOpener,
        remote: RemoteSources = RemoteSources(RemoteSources.Settings()),
        schemes: Set<String> = [],
        largest: Int64 = MediaLimits.sourceBytes
    ) {
        self.local = local
        self.remote = remote
        self.schemes = schemes
        self.largest = largest
    }

    package func open(_ uri: String) async throws(MediaError) -> MediaSource {
        let source = try await find(uri)
        guard source.size > 0 else { throw MediaError(.empty, "the upload has no bytes") }
        guard source.size <= largest else {
            throw MediaError(.tooLarge, "the upload has \(source.size) bytes; at most \(largest) are taken")
        }
        return source
    }

    private func find(_ uri: String) async throws(MediaError) -> MediaSource {
        guard uri.contains("://"), schemes.contains(uri.prefix { $0 != ":" }.lowercased()) else {
            return try await local.open(uri)
        }
        do throws(ObjectStoreError) {
            return .remote(try await remote.open(uri))
        } catch {
            throw MediaError(source: error)
        }
    }
}
