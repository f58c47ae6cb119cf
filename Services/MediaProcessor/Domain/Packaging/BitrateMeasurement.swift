/// The bit rates that a playlist declares, measured on what was made.
package struct BitrateMeasurement: Sendable, Hashable {
    /// Bits per second: the largest over any run of segments that lasts 0.5 to 1.5 target durations (RFC 8216 section
    /// 4.1), so that neither one short segment nor a long quiet stretch counts.
    package let peak: Int
    /// Bits per second over the whole.
    package let average: Int

    /// What is not measured but expected.
    package init(peak: Int, average: Int) {
        self.peak = peak
        self.average = average
    }

    /// Pieces of a track in order: seconds and bytes.
    package init(_ pieces: [(duration: Double, size: Int)], targetDuration: Int) {
        let seconds = pieces.reduce(0) { $0 + $1.duration }
        let bytes = pieces.reduce(0) { $0 + $1.size }
        average = Self.rate(bytes, over: seconds)
        // A track shorter than half a target duration has no such run; then the whole is the peak.
        peak = max(average, Self.peak(of: pieces, within: Double(targetDuration)))
    }

    /// What suffices for either.
    func larger(_ other: Self) -> Self {
        Self(peak: max(peak, other.peak), average: max(average, other.average))
    }

    private static func peak(of pieces: [(duration: Double, size: Int)], within target: Double) -> Int {
        var peak = 0
        for first in pieces.indices {
            var seconds = 0.0
            var bytes = 0
            for piece in pieces[first...] {
                seconds += piece.duration
                bytes += piece.size
                if seconds > target * 1.5 { break }
                if seconds >= target * 0.5 { peak = max(peak, rate(bytes, over: seconds)) }
            }
        }
        return peak
    }

    /// Rounded up: a declared rate may not be below the real one.
    private static func rate(_ bytes: Int, over seconds: Double) -> Int {
        seconds > 0 ? Int((Double(bytes) * 8 / seconds).rounded(.up)) : 0
    }
}

extension TrackResult {
    package func bitrates(targetDuration: Int) -> BitrateMeasurement {
        let scale = Double(timescale)
        return BitrateMeasurement(
            segments.map { (Double($0.duration) / scale, $0.size) },
            targetDuration: targetDuration
        )
    }

    /// Of the I-frame playlist: the pictures alone, each lasting until the next.
    package func iframeBitrates(targetDuration: Int) -> BitrateMeasurement {
        let scale = Double(timescale)
        return BitrateMeasurement(
            iframes.map { (Double($0.end - $0.start) / scale, $0.length) },
            targetDuration: targetDuration
        )
    }
}
