/// Decoding times for a closed group of pictures.
///
/// They start exactly `delay` before the first picture is shown and would end exactly `delay` before the next group's is: so, whatever the
/// frame rate does, one rung's groups start where every other rung's do. In between they rise, and none exceeds its picture's own time.
enum DecodingOrder {
    /// - Parameters:
    ///   - times: when the pictures are shown, in the order they are decoded; the first is the earliest.
    ///   - delay: more than `times.count` ticks, or 0 if they are decoded in the order they are shown.
    static func times(for times: [Int64], delay: Int64) -> [Int64] {
        var decoding = times.sorted().map { $0 - delay }
        var latest = Int64.max
        for index in times.indices.reversed() {
            latest = min(latest - 1, times[index], decoding[index])
            decoding[index] = latest
        }
        return decoding
    }
}
