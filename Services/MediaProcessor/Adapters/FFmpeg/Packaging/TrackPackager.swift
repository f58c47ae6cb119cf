import CFFmpeg
import MediaDomain

/// Turns one track's encoded packets into stored segments, and measures them.
///
/// Used by one thread.
final class TrackPackager {
    private let muxer: FragmentMuxer
    private let output: TrackOutput
    /// Ticks from a time in the presentation to the one in the track's own, which its edit list takes away.
    private let edit: Int64

    /// What holds for the whole track; whole itself once a segment has ended.
    private(set) var head: TrackHead
    private(set) var segments: [SegmentResult] = []
    private var keyframes: [KeyframeResult] = []
    /// Ticks of the presentation; `nil` before the segment's first fragment.
    private var segmentStart: Int64?
    private var segmentEnd: Int64 = 0
    /// Where the fragments so far end; the next must start there.
    private var decodeEnd: Int64

    /// - Parameters:
    ///   - head: What is known of it; the initialisation segment's figures are found.
    ///   - edit: Ticks that the first samples' times lie before 0.
    ///   - start: Ticks: where the first segment starts.
    convenience init(
        _ encoder: Encoder,
        head: TrackHead,
        edit: Int64,
        start: Int64 = 0,
        output: TrackOutput
    ) throws(MediaError) {
        let muxer = try failing(as: .encodeFailed) { () throws(AVError) in
            try FragmentMuxer(
                encoder,
                timescale: head.timescale,
                continues: start > 0,
                firstFragment: output.firstFragment
            )
        }
        self.init(muxer, head: head, edit: edit, start: start, output: output)
    }

    /// Packages packets of another file's stream.
    convenience init(
        copying stream: UnsafeMutablePointer<AVStream>,
        head: TrackHead,
        edit: Int64,
        start: Int64,
        output: TrackOutput
    ) throws(MediaError) {
        let muxer = try failing(as: .encodeFailed) { () throws(AVError) in
            try FragmentMuxer(
                copying: stream,
                timescale: head.timescale,
                continues: start > 0,
                firstFragment: output.firstFragment
            )
        }
        self.init(muxer, head: head, edit: edit, start: start, output: output)
    }

    private init(_ muxer: FragmentMuxer, head: TrackHead, edit: Int64, start: Int64, output: TrackOutput) {
        self.muxer = muxer
        self.head = head
        self.edit = edit
        self.output = output
        decodeEnd = start
    }

    func write(_ packet: Packet) throws(MediaError) {
        try failing(as: .encodeFailed) { () throws(AVError) in try muxer.write(packet) }
    }

    /// Ends a fragment: what was written since the last one.
    ///
    /// - Parameter isKeyframe: whether its first sample is an IDR picture, for the I-frame playlist.
    func endFragment(isKeyframe: Bool) throws(MediaError) {
        if head.initSize == 0 { try storeInitialization() }
        let ended = try failing(as: .encodeFailed) { () throws(AVError) in try muxer.endFragment() }
        guard let fragment = ended else {
            throw MediaError(.encodeFailed, "'\(output.folder)': the muxer wrote something else than one fragment")
        }
        guard fragment.decodeTime == decodeEnd else {
            let times = "\(fragment.decodeTime) instead of \(decodeEnd)"
            throw MediaError(.encodeFailed, "'\(output.folder)': a fragment starts at \(times)")
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
        let segment = SegmentResult(start: start, duration: segmentEnd - start, size: bytes.count, keyframes: keyframes)
        let number = output.firstSegment + segments.count
        try output.sink.store(bytes, as: "\(output.folder)/\(OutputLayout.segment(number))")
        segments.append(segment)
        keyframes = []
        self.segmentStart = nil
        output.listener.made(segment, number: number, of: output.track, head)
    }

    /// Stores the initialisation segment, unless it is the one that was stored before.
    private func storeInitialization() throws(MediaError) {
        let header = try failing(as: .encodeFailed) { () throws(AVError) in try muxer.initialization() }
        head.initSize = header.count
        head.initChecksum = Checksum.of(header)
        guard let known = output.knownHeader else {
            return try output.sink.store(header, as: "\(output.folder)/\(OutputLayout.initSegment)")
        }
        guard known == head.initChecksum else {
            throw MediaError(.encodeFailed, "'\(output.folder)': a part needs another initialisation segment")
        }
    }
}
