/// Tells times that a frame can have from those that only a damaged file gives it.
///
/// Every second of a gap costs pictures and silence to be made, however small the file.
struct TimeBound {
    /// Seconds by which a gap may exceed what the whole file claims to last.
    private static let tolerance = 60.0

    private let largestGap: Double
    /// Whether a frame was refused.
    private(set) var wasExceeded = false

    /// - Parameter declared: seconds that the file claims to last, if it does.
    init(declared: Double?) {
        largestGap = declared.map { $0 + Self.tolerance } ?? AcceptedMedia.maximumDuration
    }

    /// Whether a frame may start at `time` when the last one ended at `end`; seconds.
    mutating func admits(_ time: Double, after end: Double) -> Bool {
        let limit = AcceptedMedia.maximumDuration
        if time > -limit, time < limit, time - end <= largestGap { return true }
        wasExceeded = true
        return false
    }
}
