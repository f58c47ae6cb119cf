import CFFmpeg
import DequeModule
import MediaDomain

/// Packages the sound in segments that start at the AAC frame nearest to where the pictures' segments do.
final class SoundPackager {
    /// Bytes of sound kept while its place among the segments is unknown: nobody puts half an hour between both.
    private static let largestBacklog = 32 << 20

    private let track: TrackPackager
    private let sampleRate: Int
    private var cuts: SoundCuts
    private var waiting: Deque<Packet> = []
    private var waitingBytes = 0
    private var isFragmentOpen = false

    init(_ track: TrackPackager, sampleRate: Int, cuts: SoundCuts) {
        self.track = track
        self.sampleRate = sampleRate
        self.cuts = cuts
    }

    var head: TrackHead { track.head }
    var segments: [SegmentResult] { track.segments }

    /// Learns that a segment of the pictures starts at `seconds`.
    func cut(at seconds: Double) throws(MediaError) {
        cuts.cut(at: seconds)
        try writeWaiting(keeping: 1)
    }

    func append(_ packet: Packet) throws(MediaError) {
        waiting.append(packet)
        waitingBytes += packet.size
        guard waitingBytes <= Self.largestBacklog else {
            throw MediaError(.unsupported, "sound and pictures lie too far apart in the file")
        }
        try writeWaiting(keeping: 1)
    }

    func finish() throws(MediaError) {
        cuts.end()
        try writeWaiting(keeping: 0)
        try endSegment()
    }

    /// The newest packet is kept back: whether it is the last one decides whether it must start a segment.
    private func writeWaiting(keeping kept: Int) throws(MediaError) {
        while waiting.count > kept, let packet = waiting.first {
            let start = Double(packet.presentationTime) / Double(sampleRate)
            switch cuts.place(start, isLast: kept == 0 && waiting.count == 1) {
            case .wait: return
            case .write: break
            case .cut: try endSegment()
            }
            waiting.removeFirst()
            waitingBytes -= packet.size
            try track.write(packet)
            isFragmentOpen = true
        }
    }

    private func endSegment() throws(MediaError) {
        guard isFragmentOpen else { return }
        isFragmentOpen = false
        try track.endFragment(isKeyframe: false)
        try track.endSegment()
    }
}
