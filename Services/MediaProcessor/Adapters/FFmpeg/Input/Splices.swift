/// Follows times that jump within a file, as where recordings were put one after another.
///
/// All streams jump together: the first that does tells how far, and a packet of another that still belongs to what was before is
/// recognised as such. Times are microseconds.
struct Splices {
    /// Forwards, from the newest of all streams, as ffmpeg's `-dts_delta_threshold`.
    ///
    /// A pause of one stream alone is none.
    private static let largestStep: Int64 = 10_000_000
    /// Backwards, within a stream: more than decoding order and rounding explain.
    private static let largestReturn: Int64 = 250_000
    private static let longestPacket: Int64 = 1_000_000

    /// What is taken from times now, and what was before the last jump.
    private var shift: Int64 = 0
    private var previousShift: Int64 = 0
    private var jumps = 0
    private var streams: [Int: Stream] = [:]
    private var newest: Int64?

    private struct Stream {
        /// Of the last packet, as it was put.
        var last: Int64
        var step: Int64 = 0
        /// How many jumps it has followed.
        var jumps: Int
    }

    /// What to take from a packet's times.
    ///
    /// - Parameter time: When it is decoded.
    mutating func shift(for time: Int64, of stream: Int) -> Int64 {
        let chosen = choose(time, stream)
        note(time - chosen, stream, hasFollowed: chosen == shift)
        return chosen
    }

    private mutating func choose(_ time: Int64, _ stream: Int) -> Int64 {
        guard let newest else { return shift }
        let own = streams[stream]
        func follows(_ time: Int64) -> Bool {
            time - newest <= Self.largestStep && own.map { $0.last - time <= Self.largestReturn } ?? true
        }
        let next = own.map { $0.last + $0.step } ?? newest
        let isBehind = own.map { $0.jumps < jumps } ?? false
        let isNearer = abs(time - previousShift - next) < abs(time - shift - next)
        if isBehind, isNearer, follows(time - previousShift) { return previousShift }
        if follows(time - shift) { return shift }
        jumps += 1
        previousShift = shift
        // A stream that paused goes on with the others.
        shift = time - (newest - next > Self.longestPacket ? newest : next)
        return shift
    }

    private mutating func note(_ time: Int64, _ stream: Int, hasFollowed: Bool) {
        var own = streams[stream] ?? Stream(last: time, jumps: jumps)
        if time > own.last { own.step = min(time - own.last, Self.longestPacket) }
        own.last = time
        if hasFollowed { own.jumps = jumps }
        streams[stream] = own
        newest = max(newest ?? time, time)
    }
}
