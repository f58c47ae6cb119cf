import CFFmpeg

/// libav's "no time is known".
let unknownTime = cffmpeg_nopts()

/// Seconds, a century: no file begins later or earlier, and two such times can be added in any time base.
private let latestTime = 3.2e9

extension AVRational {
    /// The time; `nil` where nobody tells it, or where it is one that only a damaged file holds: sums of such would overflow.
    func believed(_ ticks: Int64) -> Int64? {
        ticks.magnitude < 1 << 61 && abs(seconds(ticks)) < latestTime ? ticks : nil
    }

    /// Ticks of 1/`timescale` s.
    static func ticks(_ timescale: Int) -> AVRational { AVRational(num: 1, den: Int32(timescale)) }

    var value: Double? { num > 0 && den > 0 ? av_q2d(self) : nil }

    func seconds(_ ticks: Int64) -> Double { Double(ticks) * Double(num) / Double(den) }

    /// Converts to another base; the nearest tick, so that nothing accumulates.
    func rescale(_ ticks: Int64, to other: AVRational) -> Int64 { av_rescale_q(ticks, self, other) }
}

extension UnsafeMutablePointer<AVStream> {
    /// When the stream starts, in its base; `nil` where nobody can tell.
    var start: Int64? { pointee.time_base.believed(pointee.start_time) }
}
