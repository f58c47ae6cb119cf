/// The rungs that sources are made into, as far as each source reaches; best first.
package struct Ladder: Sendable, Hashable, Codable {
    /// Not empty; names are unique.
    package let steps: [LadderStep]

    /// - Parameter steps: In any order; names must be unique.
    package init(_ steps: [LadderStep]) {
        self.steps = steps.sorted { ($0.shortSide, $0.maxBitrate) > ($1.shortSide, $1.maxBitrate) }
    }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([LadderStep].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(steps)
    }

    /// What is made where nobody says otherwise: as many bits as `codec` needs for what H.264 is given.
    package static func standard(_ codec: VideoCodec) -> Ladder {
        Ladder(
            standard.steps.map { step in
                var scaled = step
                scaled.maxBitrate = Int((Double(step.maxBitrate) * codec.rateShare / 10_000).rounded()) * 10_000
                return scaled
            }
        )
    }

    private static let standard = Ladder([
        LadderStep(shortSide: 2160, maxBitrate: 18_000_000),
        LadderStep(shortSide: 1440, maxBitrate: 10_000_000),
        LadderStep(shortSide: 1080, maxBitrate: 6_000_000),
        LadderStep(shortSide: 720, maxBitrate: 3_000_000),
        LadderStep(shortSide: 480, maxBitrate: 1_500_000),
        LadderStep(shortSide: 360, maxBitrate: 800_000),
    ])
}

/// One step of a ladder, before it meets a source.
package struct LadderStep: Sendable, Hashable, Codable {
    /// Pixels of the shorter side.
    package var shortSide: Int
    /// Bits per second.
    package var maxBitrate: Int
    /// What the settings say for all steps, unless set.
    package var crf: Double?
    package var preset: String?
    package var codec: VideoCodec?
    /// By the short side, `720p`, unless set.
    package var name: String?

    package init(
        shortSide: Int,
        maxBitrate: Int,
        crf: Double? = nil,
        preset: String? = nil,
        codec: VideoCodec? = nil,
        name: String? = nil
    ) {
        self.shortSide = shortSide
        self.maxBitrate = maxBitrate
        self.crf = crf
        self.preset = preset
        self.codec = codec
        self.name = name
    }

    /// Names the rung's folder.
    package var folderName: String { name ?? "\(shortSide)p" }

    fileprivate enum CodingKeys: String, CodingKey {
        case crf, preset, codec, name
        case shortSide = "short_side"
        case maxBitrate = "max_bitrate"
    }
}
