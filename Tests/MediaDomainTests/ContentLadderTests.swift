import MediaDomain
import Testing

struct ContentLadderTests {
    /// Samples that cost `pixelBits` for each pixel of a keyframe and `share` of that for each picture after it.
    private static func complexity(
        _ pixelBits: [Double],
        share: Double = 0.1,
        growth: Double = 0.8,
        similarity: Double
    ) -> ContentComplexity {
        let samples = pixelBits.enumerated().map { index, bits in
            func cost(_ width: Int, _ height: Int, _ scale: Double) -> ContentComplexity.Cost {
                let keyframe = Double(width * height) * bits * scale
                return .init(
                    width: width,
                    height: height,
                    keyframeBits: Int(keyframe),
                    pictureBits: Int(keyframe * share)
                )
            }
            // Four times the pixels cost 4 to the power of `growth` as much.
            let scale = growth == 0.8 ? 1.32 : 4
            return ContentComplexity.Sample(
                time: Double(index),
                small: cost(426, 240, scale),
                large: cost(852, 480, 1),
                similarity: similarity
            )
        }
        return ContentComplexity(samples: samples, frameRate: 30)
    }

    private func plan(_ complexity: ContentComplexity?, codec: VideoCodec = .h264) throws -> [Rung] {
        try LadderPlanner(settings: TranscodeSettings(codec: codec)).plan(for: .fake(), complexity: complexity).rungs
    }

    @Test func `noise keeps the ladder as it is`() throws {
        let noise = Self.complexity([6, 6], share: 0.9, similarity: 0.7)
        #expect(try plan(noise) == plan(nil))
    }

    @Test func `content that looks perfect gets a higher rate factor, and a lower cap`() throws {
        let easy = try plan(Self.complexity([1, 1], share: 0.02, similarity: 0.9985))
        let fixed = try plan(nil)
        #expect(easy.first?.crf == 29 && easy.first?.name == "1080p")
        for rung in easy {
            let usual = try #require(fixed.first { $0.name == rung.name })
            #expect(rung.maxBitrate <= usual.maxBitrate && rung.maxBitrate >= 800_000)
            #expect(rung.bufferSize == 2 * rung.maxBitrate)
        }
        #expect(try #require(easy.first).maxBitrate < 6_000_000)
    }

    @Test func `the worst sample decides the rate factor`() throws {
        var mixed = Self.complexity([1, 1], share: 0.02, similarity: 0.9999)
        mixed.samples[1].similarity = 0.99
        #expect(try plan(mixed).allSatisfy { $0.crf == 23 })
    }

    @Test func `the costliest sample decides the cap`() throws {
        let even = try plan(Self.complexity([0.5, 0.5, 0.5, 0.5], share: 0.02, similarity: 0.98))
        let uneven = try plan(Self.complexity([0.5, 0.5, 0.5, 2], share: 0.02, similarity: 0.98))
        #expect(try #require(uneven.first).maxBitrate > #require(even.first).maxBitrate * 2)
    }

    @Test func `a rung that everybody can receive is the only one`() throws {
        let still = try plan(Self.complexity([0.05, 0.05], share: 0.001, similarity: 0.999))
        #expect(still.map(\.name) == ["1080p"])
        #expect(still.map(\.maxBitrate) == [800_000])
    }

    @Test func `a smaller rung that costs nearly as much is left out`() throws {
        // No more detail in more pixels, as where a small picture was blown up.
        let rungs = try plan(Self.complexity([2, 2], share: 0.1, growth: 0, similarity: 0.98))
        #expect(rungs.map(\.name) == ["1080p", "480p", "360p"])
    }

    @Test func `the best rung always stays, and more than 1080 lines are never the only ones`() throws {
        let source = SourceDescription.fake(PictureSize(width: 3840, height: 2160))
        let still = Self.complexity([0.01, 0.01], share: 0.001, similarity: 0.999)
        let rungs = try LadderPlanner(settings: TranscodeSettings()).plan(for: source, complexity: still).rungs
        #expect(rungs.map(\.name) == ["2160p", "1440p", "1080p"])
    }

    @Test func `each codec of a mixed ladder keeps its best rung`() throws {
        let ladder = Ladder([
            LadderStep(shortSide: 720, maxBitrate: 3_000_000),
            LadderStep(shortSide: 360, maxBitrate: 500_000, codec: .av1, name: "360p-av1"),
            LadderStep(shortSide: 360, maxBitrate: 800_000),
        ])
        let still = Self.complexity([0.02, 0.02], share: 0.001, similarity: 0.999)
        let planner = LadderPlanner(settings: TranscodeSettings(ladder: ladder))
        #expect(try planner.plan(for: .fake(), complexity: still).rungs.map(\.name) == ["720p", "360p-av1"])
    }
}
