import CFFmpeg

/// How the picture tracks count time.
struct PictureClock: Sendable {
    /// Ticks per second: every NTSC rate falls on whole ticks of its own numerator, other usual rates on those of 90,000.
    let timescale: Int
    /// Pictures per second, nominally; what x264 derives the H.264 level from.
    let frameRate: AVRational

    /// Ticks, nominally.
    var pictureDuration: Int64 { Int64(Double(timescale) / (frameRate.value ?? 30)) }

    /// Whether pictures come at that rate and no other, as far as the source tells.
    let isConstant: Bool

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        let known = [stream.pointee.avg_frame_rate, stream.pointee.r_frame_rate].first { rate in
            rate.value.map { (1...240).contains($0) } ?? false
        }
        let rate = known ?? AVRational(num: 30, den: 1)
        timescale = rate.den == 1001 && (24_000...60_000).contains(rate.num) ? Int(rate.num) : 90_000
        let rates = [stream.pointee.avg_frame_rate, stream.pointee.r_frame_rate].compactMap(\.value)
        isConstant = rates.count == 2 && rates[0] == rates[1] && rates[0] <= 60
        // What exceeds 60 is left out.
        frameRate = av_q2d(rate) > 60 ? AVRational(num: 60, den: 1) : rate
    }
}
