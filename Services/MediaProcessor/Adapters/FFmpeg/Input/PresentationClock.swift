import CFFmpeg

/// Moves a file's times so that the presentation starts at 0 and never jumps.
///
/// Used by one thread.
struct PresentationClock {
    /// Seconds: two AAC frames, the most that encoders put before the first sample that counts.
    private static let largestPriming = 0.05

    private let microseconds = cffmpeg_time_base_q()
    private let mayJump: Bool
    /// What is taken from every time; as exact as the stream that starts first tells it.
    private let origin: (time: Int64, base: AVRational)
    private var splices = Splices()
    /// Microseconds that the last packet of each stream was moved by.
    private var moved: [Int: Int64] = [:]

    init(_ streams: [UnsafeMutablePointer<AVStream>], mayJump: Bool) {
        self.mayJump = mayJump
        origin = Self.origin(of: streams) ?? (0, microseconds)
    }

    /// Where the first stream starts; the pictures, if the sound is ahead of them by no more than its encoder's priming.
    private static func origin(of streams: [UnsafeMutablePointer<AVStream>]) -> (time: Int64, base: AVRational)? {
        func start(of stream: UnsafeMutablePointer<AVStream>) -> (time: Int64, base: AVRational)? {
            stream.start.map { ($0, stream.pointee.time_base) }
        }
        let starts = streams.compactMap(start)
        guard let first = starts.min(by: { av_compare_ts($0.time, $0.base, $1.time, $1.base) < 0 }) else { return nil }
        let seen = streams.filter { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO }.compactMap(start)
        guard let pictures = seen.first else { return first }
        let lead = pictures.base.seconds(pictures.time) - first.base.seconds(first.time)
        return lead <= largestPriming ? pictures : first
    }

    /// Gives a packet its times in the presentation, in its stream's time base.
    mutating func adjust(_ packet: Packet, _ base: AVRational) {
        let splice = mayJump ? splice(at: packet, base) : 0
        let shift = origin.base.rescale(origin.time, to: base) + microseconds.rescale(splice, to: base)
        if packet.presentationTime != unknownTime { packet.presentationTime -= shift }
        if packet.decodeTime != unknownTime { packet.decodeTime -= shift }
    }

    /// The time in a stream that was not spliced, in its base, of `seconds` in the presentation.
    func streamTime(of seconds: Double, _ base: AVRational) -> Int64 {
        microseconds.rescale(Int64((seconds * 1_000_000).rounded()), to: base)
            + origin.base.rescale(origin.time, to: base)
    }

    /// Seconds in the presentation of a time in such a stream.
    func seconds(of time: Int64, _ base: AVRational) -> Double {
        base.seconds(time - origin.base.rescale(origin.time, to: base))
    }

    private mutating func splice(at packet: Packet, _ base: AVRational) -> Int64 {
        guard packet.decodeTime != unknownTime else { return moved[packet.streamIndex] ?? 0 }
        let time = base.rescale(packet.decodeTime, to: microseconds)
        let splice = splices.shift(for: time, of: packet.streamIndex)
        packet.followsJump = moved[packet.streamIndex].map { $0 != splice } ?? false
        moved[packet.streamIndex] = splice
        return splice
    }
}
