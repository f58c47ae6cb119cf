import MediaDomain

/// Tells which of the source's pictures are a part's, and when the part starts and ends.
///
/// Both sides of a boundary decide by the same pictures: the last one before it and the first one at or after it.
struct PartWindow {
    private let timescale: Int
    private let start: Double
    private let end: Double?

    init(_ part: PartPlan, timescale: Int) {
        self.timescale = timescale
        start = part.start
        end = part.end
    }

    /// Whether a picture at `time` comes before the part.
    func isBefore(_ time: Int64) -> Bool { !reaches(start, time) }

    /// Whether a picture at `time` comes so long after the part's start that another may come between.
    func isAfterStart(_ time: Int64) -> Bool { Double(time) / Double(timescale) > start + PictureTimeline.rounding }

    /// Whether a picture at `time` comes after the part.
    func isBeyond(_ time: Int64) -> Bool { end.map { reaches($0, time) } ?? false }

    /// When the part starts that `next` is the first picture of; `last` is the one before it, if there is one.
    func start(after last: Int64?, next: Int64) -> Int64 { boundary(start, after: last, next: next) }

    /// When the part ends that `last` is the last picture of.
    func end(after last: Int64, next: Int64) -> Int64 { boundary(end ?? 0, after: last, next: next) }

    /// A picture that stands long is repeated; the first repetition at or after the boundary, if it is not all but the
    /// next picture, is where one part ends and the next starts.
    private func boundary(_ seconds: Double, after last: Int64?, next: Int64) -> Int64 {
        guard let last else { return next }
        let step = Int64(PictureTimeline.longestHold * Double(timescale))
        let least = Int64(Double(timescale) / PictureTimeline.mostPictures)
        let first = first(seconds)
        let count = max(1, (first - last + step - 1) / step)
        let held = last + count * step
        return held + least <= next ? held : next
    }

    /// Ticks: what is shown from there on is the next part's.
    var limit: Int64 { end.map(first) ?? .max }

    /// The first tick at or after a boundary.
    private func first(_ seconds: Double) -> Int64 {
        Int64(((seconds - PictureTimeline.rounding) * Double(timescale)).rounded(.up))
    }

    private func reaches(_ seconds: Double, _ time: Int64) -> Bool {
        Double(time) / Double(timescale) + PictureTimeline.rounding >= seconds
    }
}
