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
    /// The segment under way; empty before its first fragment.
    private var bytes: [UInt8] = []
    private var keyframes: [KeyframeResult] = []
    private var segmentStart: Int64 = 0
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
        let written = try failing(as: .encodeFailed) { () throws(AVError) in try muxer.fragment() }
        guard let fragment = Fragment(written) else {
            throw MediaError(.encodeFailed, "'\(folder)': the muxer wrote something else than one fragment")
        }
        guard fragment.decodeTime == decodeEnd else {
            let times = "\(fragment.decodeTime) instead of \(decodeEnd)"
            throw MediaError(.encodeFailed, "'\(folder)': a fragment starts at \(times)")
        }
        let start = fragment.decodeTime + fragment.firstOffset - edit
        if bytes.isEmpty {
            bytes = Self.segmentType
            segmentStart = start
        }
        if isKeyframe {
            keyframes.append(KeyframeResult(start: start, offset: bytes.count, length: fragment.firstSampleEnd))
        }
        bytes += written
        decodeEnd += fragment.duration
        segmentEnd = start + fragment.duration
    }

    /// Stores the segment that the fragments since the last one make.
    func endSegment() throws(MediaError) {
        guard !bytes.isEmpty else { return }
        // What the edit list takes away lies before the presentation's start.
        let start = max(0, segmentStart)
        segments.append(
            SegmentResult(start: start, duration: segmentEnd - start, size: bytes.count, keyframes: keyframes)
        )
        try sink.store(bytes, as: "\(folder)/\(OutputLayout.segment(segments.count))")
        bytes = []
        keyframes = []
    }

    private func storeInitialization() throws(MediaError) {
        let header = try failing(as: .encodeFailed) { () throws(AVError) in try muxer.initialization() }
        initSize = header.count
        try sink.store(header, as: "\(folder)/\(OutputLayout.initSegment)")
    }

    /// A `styp` box: a DASH media segment (`msdh`) that is a CMAF one (`cmfs`).
    private static let segmentType: [UInt8] = {
        let brands = ["msdh", "\0\0\0\0", "msdh", "cmfs"]
        var box: [UInt8] = []
        box.append(bigEndian: UInt32(8 + 4 * brands.count))
        return box + "styp".utf8 + brands.flatMap(\.utf8)
    }()
}
