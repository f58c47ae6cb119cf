import MediaDomain

/// Where a track's segments go, and which of them come.
struct TrackOutput: Sendable {
    let track: TrackID
    let folder: String
    let sink: any ArtifactSink
    let listener: any SegmentListener
    /// Number of the first segment, from 1.
    var firstSegment = 1
    /// Number of the first fragment, from 1: each has a higher one than those before it.
    var firstFragment = 1
    /// The checksum that the initialisation segment must have, where it was stored before.
    var knownHeader: String?

    init(_ track: TrackID, folder: String, sink: any ArtifactSink, listener: any SegmentListener) {
        self.track = track
        self.folder = folder
        self.sink = sink
        self.listener = listener
    }
}
