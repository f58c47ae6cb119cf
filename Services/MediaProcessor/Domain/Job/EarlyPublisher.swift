/// Publishes what can be watched of an asset that is still being made.
///
/// Used by one thread.
final class EarlyPublisher {
    /// How long a word lasts that nobody else works on the media: well below the lease behind it.
    private static let permission = Duration.seconds(10)

    private let store: any ArtifactStore
    private let mayPublish: () throws(MediaError) -> Void
    private var permittedAt: ContinuousClock.Instant?
    private var texts: [String: String] = [:]
    private var isPlayable = false

    /// - Parameter mayPublish: Throws if somebody else works on the media by now.
    init(store: any ArtifactStore, mayPublish: @escaping () throws(MediaError) -> Void) {
        self.store = store
        self.mayPublish = mayPublish
    }

    /// Stores the playlists that have changed; everything that they name must be stored.
    ///
    /// - Returns: Whether the asset has become playable by it.
    func publish(_ edition: PlaylistEdition) throws(MediaError) -> Bool {
        try askIfNeeded()
        for file in edition.renditions { try put(file) }
        try store.settle()
        try put(edition.master)
        try store.settle()
        defer { isPlayable = true }
        return !isPlayable
    }

    private func put(_ file: PlaylistEdition.File) throws(MediaError) {
        guard texts[file.name] != file.text else { return }
        try store.store(Array(file.text.utf8), as: file.name)
        texts[file.name] = file.text
    }

    private func askIfNeeded() throws(MediaError) {
        let now = ContinuousClock.now
        if let permittedAt, now - permittedAt < Self.permission { return }
        try mayPublish()
        permittedAt = now
    }
}
