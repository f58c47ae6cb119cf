import CFFmpeg
import MediaDomain

/// Turns one track's encoded packets into stored segments, and measures them.
///
/// Used by one thread.
final class TrackPackager {
    private let muxer: FragmentMuxer
    private let sink: any ArtifactSink
    private let folder: String
    /// Ticks from a time in the presentation to the one in the track's own, which its edit list takes away.
    private let edit: Int64

    private(set) var initSize = 0
    private(set) var segments: [SegmentResult] = []
    private var keyframes: [KeyframeResult] = []
    /// Ticks of the presentation; `nil` before the segment's first fragment.
    private var segmentStart: Int64?
    private var segmentEnd: Int64 = 0
    /// Where the fragments so far end; the next must start there.
    private var decodeEnd: Int64 = 0

    /// - Parameter edit: ticks that the first samples' times lie before 0.
    init(_ encoder: Encoder, timescale: Int, edit: Int64, folder: String, sink: any ArtifactSink) throws(MediaError) {
        muxer = try failing(as: .encodeFailed) { () throws(AVError) in
            try FragmentMuxer(encoder, timescale: timescale)
        }
        self.edit = edit
        self.folder = folder
        self.sink = sink
    }

    func write(_ packet: Packet) throws(MediaError) {
        try failing(as: .encodeFailed) { () throws(AVError) in try muxer.write(packet) }
    }

    /// Ends a fragment: what was written since the last one.
    ///
    /// - Parameter isKeyframe: whether its first sample is an IDR picture, for the I-frame playlist.
    func endFragment(isKeyframe: Bool) throws(MediaError) {
        if initSize == 0 { try storeInitialization() }
        let ended = try failing(as: .encodeFailed) { () throws(AVError) in try muxer.endFragment() }
        guard let fragment = ended else {
            throw MediaError(.encodeFailed, "'\(folder)': the muxer wrote something else than one fragment")
        }
        guard fragment.decodeTime == decodeEnd else {
            let times = "\(fragment.decodeTime) instead of \(decodeEnd)"
            throw MediaError(.encodeFailed, "'\(folder)': a fragment starts at \(times)")
        }
        let start = fragment.decodeTime + fragment.firstOffset - edit
        segmentStart = segmentStart ?? start
        if isKeyframe {
            keyframes.append(KeyframeResult(start: start, offset: fragment.offset, length: fragment.firstSampleEnd))
        }
        decodeEnd += fragment.duration
        segmentEnd = start + fragment.duration
    }

    /// Stores the segment that the fragments since the last one make.
    func endSegment() throws(MediaError) {
        guard let segmentStart else { return }
        let bytes = muxer.endSegment()
        // What the edit list takes away lies before the presentation's start.
        let start = max(0, segmentStart)
        segments.append(
            SegmentResult(start: start, duration: segmentEnd - start, size: bytes.count, keyframes: keyframes)
        )
        try sink.store(bytes, as: "\(folder)/\(OutputLayout.segment(segments.count))")
        keyframes = []
        self.segmentStart = nil
    }

    private func storeInitialization() throws(MediaError) {
        let header = try failing(as: .encodeFailed) { () throws(AVError) in try muxer.initialization() }
        initSize = header.count
        try sink.store(header, as: "\(folder)/\(OutputLayout.initSegment)")
    }
}
