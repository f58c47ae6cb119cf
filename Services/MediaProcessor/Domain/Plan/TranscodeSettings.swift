/// What an operator decides about all transcodes.
package struct TranscodeSettings: Sendable, Hashable, Codable {
    /// x264's presets, fastest first.
    package static let presets = [
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
    ]

    /// Seconds, 1 to 10.
    package var segmentDuration: Double
    /// One of ``presets``.
    package var preset: String
    /// x264's constant rate factor, 0 to 51; the ladder's bit rates cap what it asks for.
    package var crf: Double
    /// The short sides of the rungs to make, where the source has them; `nil` for the whole ladder.
    package var shortSides: [Int]?

    package init(
        segmentDuration: Double = 4,
        preset: String = "veryfast",
        crf: Double = 23,
        shortSides: [Int]? = nil
    ) {
        self.segmentDuration = segmentDuration
        self.preset = preset
        self.crf = crf
        self.shortSides = shortSides
    }

    /// Seconds from one IDR picture to the next: 2, or the next shorter part of a segment.
    package var keyframeInterval: Double {
        segmentDuration / max(1, (segmentDuration / 2).rounded(.up))
    }

    private enum CodingKeys: String, CodingKey {
        case preset, crf
        case segmentDuration = "segment_seconds"
        case shortSides = "short_sides"
    }
}
