/// The cues of one track in the making, bounded.
///
/// Cues that tell no end last until the next one, but not for long; what is shown twice at the same time is shown once.
package struct CueList: Sendable {
    /// Milliseconds.
    private static let longestGuess = 5000
    private static let mostCues = 50_000
    /// Of UTF-8, all cues together.
    private static let mostBytes = 8 << 20

    private var cues: [SubtitleCue] = []
    private var open: [SubtitleCue] = []
    private var bytes = 0
    /// Whether there was more than is kept.
    package private(set) var isFull = false

    package init() {}

    /// Takes a text that is shown from `start` to `end`, in seconds of the presentation; `nil` if its end is not told.
    package mutating func add(_ text: String, from start: Double, to end: Double?) {
        guard !text.isEmpty, let start = Self.milliseconds(start) else { return }
        guard cues.count + open.count < Self.mostCues, bytes + text.utf8.count <= Self.mostBytes else {
            isFull = true
            return
        }
        bytes += text.utf8.count
        close(at: start)
        if let end = end.flatMap(Self.milliseconds) {
            cues.append(SubtitleCue(start: start, end: end, text: text))
        } else {
            open.append(SubtitleCue(start: start, end: start + Self.longestGuess, text: text))
        }
    }

    /// Ends what is shown without a known end, as an empty text does.
    package mutating func clear(at start: Double) {
        if let start = Self.milliseconds(start) { close(at: start) }
    }

    /// In order of their start, within a presentation of so many seconds.
    package func finished(at duration: Double) -> [SubtitleCue] {
        let limit = Self.milliseconds(duration) ?? 0
        var seen: Set<SubtitleCue> = []
        return (cues + open).compactMap { cue in
            let cut = SubtitleCue(start: max(0, cue.start), end: min(cue.end, limit), text: cue.text)
            return cut.end > cut.start && seen.insert(cut).inserted ? cut : nil
        }
        .enumerated()
        // What starts at the same time stays in the file's order.
        .sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }
        .map(\.element)
    }

    private mutating func close(at time: Int) {
        let ended = open.filter { $0.start < time }
        open.removeAll { $0.start < time }
        cues += ended.map { SubtitleCue(start: $0.start, end: min($0.end, time), text: $0.text) }
    }

    private static func milliseconds(_ seconds: Double) -> Int? {
        seconds.isFinite && abs(seconds) < 1e7 ? Int((seconds * 1000).rounded()) : nil
    }
}
