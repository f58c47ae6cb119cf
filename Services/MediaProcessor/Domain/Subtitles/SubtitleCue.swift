/// Text that is shown for a while.
package struct SubtitleCue: Sendable, Hashable {
    /// Milliseconds, which is as fine as WebVTT tells them.
    package var start: Int
    package var end: Int
    /// As a WebVTT cue holds it, escaped; see ``SubtitleText``.
    package var text: String

    package init(start: Int, end: Int, text: String) {
        self.start = start
        self.end = end
        self.text = text
    }

    /// The block of a WebVTT file that shows it.
    var block: String { "\(Self.time(start)) --> \(Self.time(end))\n\(text)\n" }

    /// `00:01:02.500`.
    private static func time(_ milliseconds: Int) -> String {
        let (whole, fraction) = max(0, milliseconds).quotientAndRemainder(dividingBy: 1000)
        let clock = [whole / 3600, whole / 60 % 60, whole % 60].map { $0.padded(to: 2) }.joined(separator: ":")
        return "\(clock).\(fraction.padded(to: 3))"
    }
}
