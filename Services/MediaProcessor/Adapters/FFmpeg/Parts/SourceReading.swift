import CFFmpeg
import MediaDomain

/// One pass over an opened source: packets in file order, with times of the presentation.
///
/// Used by one thread.
struct SourceReading {
    private let input: InputContext
    private var clock: PresentationClock
    /// Whether the file could not be read on: what was read is still worth showing.
    private(set) var isBroken = false
    private var packets = 0
    /// Seconds: the earliest and the latest time so far.
    private var span: ClosedRange<Double>?

    init(_ input: InputContext, clock: PresentationClock) {
        self.input = input
        self.clock = clock
    }

    /// The next packet; `nil` at the end, wherever that is.
    ///
    /// - Throws: ``MediaError`` `source_unavailable` if it was not the file's fault that it cannot be read on, `too_large`
    ///   for a file that would be decoded for ever.
    mutating func next() throws(MediaError) -> Packet? {
        let packet: Packet?
        do throws(AVError) {
            packet = try input.read()
        } catch {
            isBroken = true
            packet = nil
        }
        // Demuxers take an end for what is only a failure to read on.
        if packet == nil, let failure = input.sourceFailure { throw failure }
        guard let packet else { return nil }
        let base = try input.stream(packet.streamIndex).pointee.time_base
        clock.adjust(packet, base)
        try count(packet, base)
        return packet
    }

    /// However small a file, it does not keep us decoding for ever.
    private mutating func count(_ packet: Packet, _ base: AVRational) throws(MediaError) {
        packets += 1
        if packet.presentationTime != unknownTime {
            let time = min(max(base.seconds(packet.presentationTime), -MediaLimits.duration), MediaLimits.duration)
            span = min(span?.lowerBound ?? time, time)...max(span?.upperBound ?? time, time)
        }
        let seconds = span.map { Int($0.upperBound - $0.lowerBound) } ?? 0
        guard packets > MediaLimits.firstFrames + seconds * MediaLimits.framesPerSecond else { return }
        throw MediaError(.tooLarge, "the file holds \(packets) pictures and blocks of sound in \(seconds) s")
    }
}
