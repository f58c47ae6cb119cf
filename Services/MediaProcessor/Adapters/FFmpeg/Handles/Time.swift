import CFFmpeg

/// libav's "no time is known".
let unknownTime = cffmpeg_nopts()

extension AVRational {
    /// Ticks of 1/`timescale` s.
    static func ticks(_ timescale: Int) -> AVRational { AVRational(num: 1, den: Int32(timescale)) }

    var value: Double? { num > 0 && den > 0 ? av_q2d(self) : nil }

    func seconds(_ ticks: Int64) -> Double { Double(ticks) * Double(num) / Double(den) }

    /// Converts to another base; the nearest tick, so that nothing accumulates.
    func rescale(_ ticks: Int64, to other: AVRational) -> Int64 { av_rescale_q(ticks, self, other) }
}
