package import MediaDomain
import ObjectStorage

/// Opens uploads wherever they lie, and none that is larger than we take.
package struct UploadSources: SourceOpener {
    private let local: any SourceOpener
    private let largest: Int64

    /// - Parameter largest: Bytes.
    package init(local: any SourceOpener, largest: Int64 = MediaLimits.sourceBytes) {
        self.local = local
        self.largest = largest
    }

    package func open(_ uri: String) async throws(MediaError) -> MediaSource {
        let source = try await local.open(uri)
        guard source.size > 0 else { throw MediaError(.empty, "'\(uri)' has no bytes") }
        guard source.size <= largest else {
            throw MediaError(.tooLarge, "'\(uri)' has \(source.size) bytes; at most \(largest) are taken")
        }
        return source
    }
}
