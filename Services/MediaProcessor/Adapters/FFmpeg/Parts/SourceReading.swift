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

    init(_ input: InputContext, clock: PresentationClock) {
        self.input = input
        self.clock = clock
    }

    /// The next packet; `nil` at the end, wherever that is.
    ///
    /// - Throws: ``MediaError`` `source_unavailable` if it was not the file's fault that it cannot be read on.
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
        clock.adjust(packet, try input.stream(packet.streamIndex).pointee.time_base)
        return packet
    }
}
