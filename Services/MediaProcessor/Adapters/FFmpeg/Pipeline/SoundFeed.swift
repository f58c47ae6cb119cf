import CFFmpeg
import MediaDomain

/// Decodes the sound and hands it on with its time.
///
/// Used by one thread.
final class SoundFeed {
    /// The index of the stream that it decodes.
    let stream: Int
    private let decoder: PacketDecoder
    private let queue: BoundedQueue<SoundWorker.Message>
    private var bound: TimeBound
    private(set) var hasSound = false
    /// Seconds: where the sound so far ends.
    private(set) var end = 0.0

    init(
        _ stream: UnsafeMutablePointer<AVStream>,
        bound: TimeBound,
        queue: BoundedQueue<SoundWorker.Message>
    ) throws(MediaError) {
        self.stream = Int(stream.pointee.index)
        decoder = try PacketDecoder(stream)
        self.bound = bound
        self.queue = queue
    }

    var isDamaged: Bool { decoder.isDamaged || bound.wasExceeded }

    /// Takes a packet with times of the presentation, or the end (`nil`).
    func decode(_ packet: Packet?) throws(MediaError) {
        let base = decoder.timeBase
        try decoder.decode(packet) { frame throws(MediaError) in
            guard frame.sampleCount > 0, frame.sampleRate > 0 else { return }
            let start = frame.time == unknownTime ? end : base.seconds(frame.time)
            guard bound.admits(start, after: end) else { return }
            hasSound = true
            end = max(end, start + Double(frame.sampleCount) / Double(frame.sampleRate))
            queue.push(.sound(frame, at: start))
        }
    }

    func finish(at end: Double) { queue.push(.end(at: end)) }
}
