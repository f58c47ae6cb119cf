/// What an operator decides about all transcodes.
package struct TranscodeSettings: Sendable, Hashable, Codable {
    /// x264's presets, fastest first; other encoders get what is about as much work.
    package static let presets = [
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
    ]

    /// LUFS from barely to painfully loud.
    package static let loudnesses = -40.0 ... -5.0

    /// Seconds, 1 to 10.
    package var segmentDuration: Double
    /// One of ``presets``.
    package var preset: String
    /// x264's constant rate factor, 0 to 51; other encoders get what looks alike.
    ///
    /// The ladder's bit rates cap what it asks for.
    package var crf: Double
    /// The short sides of the rungs to make, where the source has them; `nil` for the whole ladder.
    package var shortSides: [Int]?
    /// The rungs that there are; `nil` for ``Ladder/standard(_:)``.
    package var ladder: Ladder?
    /// What rungs are coded with, where the ladder does not say.
    package var codec: VideoCodec
    /// Whether each source's ladder follows from a look at its content.
    package var perTitle: Bool
    /// LUFS that all sound is brought to, one of ``loudnesses``; `nil` for as loud as it is.
    package var loudness: Double?

    package init(
        segmentDuration: Double = 4,
        preset: String = "veryfast",
        crf: Double = 23,
        shortSides: [Int]? = nil,
        ladder: Ladder? = nil,
        codec: VideoCodec = .h264,
        perTitle: Bool = false,
        loudness: Double? = nil
    ) {
        self.segmentDuration = segmentDuration
        self.preset = preset
        self.crf = crf
        self.shortSides = shortSides
        self.ladder = ladder
        self.codec = codec
        self.perTitle = perTitle
        self.loudness = loudness
    }

    /// Seconds from one IDR picture to the next: 2, or the next shorter part of a segment.
    package var keyframeInterval: Double {
        segmentDuration / max(1, (segmentDuration / 2).rounded(.up))
    }

    /// Reads also what was written before there were codecs to choose from.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            segmentDuration: try container.decode(Double.self, forKey: .segmentDuration),
            preset: try container.decode(String.self, forKey: .preset),
            crf: try container.decode(Double.self, forKey: .crf),
            shortSides: try container.decodeIfPresent([Int].self, forKey: .shortSides),
            ladder: try container.decodeIfPresent(Ladder.self, forKey: .ladder),
            codec: try container.decodeIfPresent(VideoCodec.self, forKey: .codec) ?? .h264,
            perTitle: try container.decodeIfPresent(Bool.self, forKey: .perTitle) ?? false,
            loudness: try container.decodeIfPresent(Double.self, forKey: .loudness)
        )
    }

    private enum CodingKeys: String, CodingKey {
        case preset, crf, ladder, codec
        case segmentDuration = "segment_seconds"
        case shortSides = "short_sides"
        case perTitle = "per_title"
        case loudness = "loudness_lufs"
    }
}
