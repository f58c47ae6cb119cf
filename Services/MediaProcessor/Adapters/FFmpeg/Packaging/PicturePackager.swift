import CFFmpeg
import DequeModule
import MediaDomain

/// Packages a rung's pictures, one fragment per closed group of pictures.
final class PicturePackager {
    private let track: TrackPackager
    /// Ticks: see ``DecodingOrder``.
    private let decodingDelay: Int64
    private var group: Deque<Packet> = []
    private var segmentStarts: Set<Int64> = []

    init(_ track: TrackPackager, decodingDelay: Int64) {
        self.track = track
        self.decodingDelay = decodingDelay
    }

    var head: TrackHead { track.head }
    var segments: [SegmentResult] { track.segments }

    /// Announces, before its packet comes, that the IDR picture shown at `time` starts a segment.
    func startSegment(at time: Int64) { segmentStarts.insert(time) }

    /// Takes the next packet in decoding order.
    func append(_ packet: Packet) throws(MediaError) {
        if packet.isKeyframe {
            try endGroup(at: packet.presentationTime)
            if segmentStarts.remove(packet.presentationTime) != nil { try track.endSegment() }
        }
        group.append(packet)
    }

    /// Ends the track: the last picture is shown until `end`.
    func finish(at end: Int64) throws(MediaError) {
        try endGroup(at: end)
        try track.endSegment()
    }

    private func endGroup(at end: Int64) throws(MediaError) {
        guard !group.isEmpty else { return }
        let times = DecodingOrder.times(for: group.map(\.presentationTime), delay: decodingDelay)
        for (time, next) in zip(times, times.dropFirst() + [end - decodingDelay]) {
            let packet = group.removeFirst()
            packet.decodeTime = time
            packet.duration = next - time
            try track.write(packet)
        }
        try track.endFragment(isKeyframe: true)
    }
}
