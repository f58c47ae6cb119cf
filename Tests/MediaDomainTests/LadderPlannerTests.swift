import Foundation
import MediaDomain
import Testing

struct LadderPlannerTests {
    private func plan(
        _ source: SourceDescription,
        _ settings: TranscodeSettings = TranscodeSettings()
    ) throws -> TranscodePlan {
        try LadderPlanner(settings: settings).plan(for: source)
    }

    @Test(arguments: [
        (
            3840, 2160,
            ["2160p 3840x2160", "1440p 2560x1440", "1080p 1920x1080", "720p 1280x720", "480p 854x480", "360p 640x360"]
        ),
        (1920, 1080, ["1080p 1920x1080", "720p 1280x720", "480p 854x480", "360p 640x360"]),
        (1080, 1920, ["1080p 1080x1920", "720p 720x1280", "480p 480x854", "360p 360x640"]),
        (1280, 720, ["720p 1280x720", "480p 854x480", "360p 640x360"]),
        (640, 480, ["480p 640x480", "360p 480x360"]),
        (1920, 800, ["720p 1728x720", "480p 1152x480", "360p 864x360"]),
        (1920, 1072, ["1080p 1920x1072", "720p 1290x720", "480p 860x480", "360p 644x360"]),
        (1000, 1000, ["720p 720x720", "480p 480x480", "360p 360x360"]),
        (361, 361, ["360p 360x360"]),
        (640, 352, ["352p 640x352"]),
        (320, 240, ["240p 320x240"]),
        (175, 99, ["98p 174x98"]),
        (1, 1, ["2p 2x2"]),
        (1, 400, ["2p 2x400"]),
    ])
    func `a source gets the rungs that its short side reaches`(width: Int, height: Int, rungs: [String]) throws {
        let plan = try plan(.fake(PictureSize(width: width, height: height)))
        #expect(plan.rungs.map { "\($0.name) \($0.width)x\($0.height)" } == rungs)
    }

    @Test func `no rung is larger than the source, odd, or another shape`() throws {
        for width in stride(from: 2, through: 4400, by: 97) {
            for height in stride(from: 2, through: 2400, by: 61) {
                for rung in try plan(.fake(PictureSize(width: width, height: height))).rungs {
                    #expect(rung.width <= width && rung.height <= height)
                    #expect(rung.width.isMultiple(of: 2) && rung.height.isMultiple(of: 2))
                    // Evenness costs at most a pixel of either side beside the rounding.
                    let expected = Double(rung.width) * Double(height) / Double(width)
                    let slack = 2 + 2 * Double(height) / Double(width)
                    #expect(abs(Double(rung.height) - expected) <= slack, "\(width)x\(height) -> \(rung)")
                }
            }
        }
    }

    @Test func `bit rates follow the ladder, with a buffer of two seconds`() throws {
        let rungs = try plan(.fake(PictureSize(width: 3840, height: 2160))).rungs
        #expect(rungs.map(\.maxBitrate) == [18_000_000, 10_000_000, 6_000_000, 3_000_000, 1_500_000, 800_000])
        #expect(rungs.allSatisfy { $0.bufferSize == $0.maxBitrate * 2 && $0.preset == "veryfast" && $0.crf == 23 })
    }

    @Test(arguments: [(1.0, 6_000_000), (1.5, 9_000_000), (2, 12_000_000), (6, 12_000_000)])
    func `no buffer holds more than a segment of the cap`(segment: Double, buffer: Int) throws {
        let rungs = try plan(.fake(), TranscodeSettings(segmentDuration: segment)).rungs
        #expect(rungs.first?.bufferSize == buffer)
    }

    @Test(arguments: [(640, 352, 782_000), (160, 90, 100_000), (2, 2, 100_000)])
    func `a small source gets the bits that its pixels need`(width: Int, height: Int, bitrate: Int) throws {
        #expect(try plan(.fake(PictureSize(width: width, height: height))).rungs.map(\.maxBitrate) == [bitrate])
    }

    @Test func `settings choose among the rungs that fit`() throws {
        let settings = TranscodeSettings(shortSides: [480, 720, 2160])
        #expect(try plan(.fake(), settings).rungs.map(\.name) == ["720p", "480p"])
        #expect { try plan(.fake(), TranscodeSettings(shortSides: [2160])) } throws: {
            ($0 as? MediaError)?.message
                == "none of the wanted rungs fits the source, which has 1080p, 720p, 480p, 360p"
        }
    }

    @Test(arguments: [(4.0, 2.0), (6, 2), (2, 2), (1, 1), (3, 1.5), (10, 2)])
    func `a segment is a whole number of groups of pictures`(segment: Double, keyframes: Double) throws {
        let plan = try plan(.fake(), TranscodeSettings(segmentDuration: segment))
        #expect(plan.segmentDuration == segment && plan.keyframeInterval == keyframes)
    }

    @Test(arguments: [
        (AudioStream.fake(), 48_000, 2, "und"),
        (.fake(sampleRate: 44_100, channels: 1, language: "eng"), 44_100, 1, "en"),
        (.fake(sampleRate: 96_000, channels: 6, language: "ger"), 48_000, 2, "de"),
        (.fake(sampleRate: 8_000, channels: 1, language: "../x"), 48_000, 1, "und"),
        (.fake(language: "gsw"), 48_000, 2, "gsw"),
        (.fake(language: "en-US"), 48_000, 2, "en"),
    ])
    func `sound becomes stereo AAC in its language`(stream: AudioStream, rate: Int, channels: Int, tag: String) throws {
        let audio = try #require(try plan(.fake(audio: [stream])).audio.first)
        #expect(audio.language == tag && audio.name == tag && audio.stream == 1 && audio.role == .main)
        #expect(audio.bitrate == 128_000 && audio.sampleRate == rate && audio.channels == channels)
    }

    @Test func `a source of sound alone has no rungs and no pictures`() throws {
        let plan = try plan(.fake(nil))
        #expect(plan.rungs.isEmpty && plan.thumbnailTimes.isEmpty && plan.storyboard == nil && plan.audio.count == 1)
    }

    @Test func `a source of pictures alone has no sound`() throws {
        #expect(try plan(.fake(audio: [])).audio.isEmpty)
    }

    @Test func `a source of nothing is refused`() {
        #expect { try plan(.fake(nil, audio: [])) } throws: { ($0 as? MediaError)?.reason == .noStreams }
        #expect { try plan(.fake(PictureSize(width: 0, height: 9))) } throws: {
            ($0 as? MediaError)?.reason == .unsupported
        }
    }

    @Test(arguments: [
        (20.0, [2, 6, 10, 14, 18]), (0.04, [0.1, 0.3, 0.5, 0.7, 0.9].map { 0.04 * $0 }), (nil, [0]), (0, [0]),
    ])
    func `thumbnails are spread and lie before the end`(duration: Double?, times: [Double]) throws {
        #expect(try plan(.fake(duration: duration)).thumbnailTimes == times)
    }

    @Test(arguments: [
        (20.0, 1920, 1080, StoryboardPlan(interval: 1, tileWidth: 160, tileHeight: 90, columns: 10, rows: 3)),
        (3, 1080, 1920, StoryboardPlan(interval: 1, tileWidth: 160, tileHeight: 284, columns: 4, rows: 1)),
        (500, 640, 480, StoryboardPlan(interval: 2, tileWidth: 160, tileHeight: 120, columns: 10, rows: 10)),
        (7200, 64, 64, StoryboardPlan(interval: 10, tileWidth: 64, tileHeight: 64, columns: 10, rows: 10)),
        (nil, 1, 1, StoryboardPlan(interval: 5, tileWidth: 2, tileHeight: 2, columns: 10, rows: 10)),
    ])
    func `a storyboard fits its sheets`(duration: Double?, width: Int, height: Int, storyboard: StoryboardPlan) throws {
        let size = PictureSize(width: width, height: height)
        #expect(try plan(.fake(size, duration: duration)).storyboard == storyboard)
    }

    @Test(arguments: [(3840, 2160, 1280, 720), (1080, 1920, 720, 1280), (640, 361, 640, 360)])
    func `thumbnails fit into 1280 pixels`(width: Int, height: Int, thumbnailWidth: Int, thumbnailHeight: Int) throws {
        let plan = try plan(.fake(PictureSize(width: width, height: height)))
        #expect(plan.thumbnailWidth == thumbnailWidth && plan.thumbnailHeight == thumbnailHeight)
    }
}

struct CodecPlanTests {
    @Test func `another codec gets the same rungs for fewer bits`() throws {
        let plans = try [VideoCodec.h264, .hevc, .av1].map { codec in
            try LadderPlanner(settings: TranscodeSettings(codec: codec)).plan(for: .fake())
        }
        #expect(plans.map { $0.rungs.map(\.name) } == Array(repeating: ["1080p", "720p", "480p", "360p"], count: 3))
        #expect(plans[1].rungs.map(\.maxBitrate) == [3_900_000, 1_950_000, 980_000, 520_000])
        #expect(plans[2].rungs.map(\.maxBitrate) == [3_300_000, 1_650_000, 830_000, 440_000])
        #expect(plans[2].rungs.allSatisfy { $0.codec == .av1 && $0.bufferSize == 2 * $0.maxBitrate })
    }

    @Test func `what is too small for a codec's encoder is H.264`() throws {
        let small = SourceDescription.fake(PictureSize(width: 100, height: 50))
        let rungs = try LadderPlanner(settings: TranscodeSettings(codec: .av1)).plan(for: small).rungs
        #expect(rungs.map(\.codec) == [.h264])
    }

    @Test func `each codec of a ladder has an adaptation set of its own`() throws {
        let ladder = Ladder([
            LadderStep(shortSide: 720, maxBitrate: 3_000_000), LadderStep(shortSide: 480, maxBitrate: 1_000_000),
            LadderStep(shortSide: 720, maxBitrate: 1_500_000, codec: .av1, name: "720p-av1"),
        ])
        let plan = try LadderPlanner(settings: TranscodeSettings(ladder: ladder)).plan(for: .fake(audio: []))
        #expect(plan.rungs.map(\.name) == ["720p", "720p-av1", "480p"])
        let segments = [SegmentResult(start: 0, duration: 4000, size: 1000)]
        let tracks = plan.rungs.map { rung in
            let codecs = rung.codec == .av1 ? "av01.0.05M.08" : "avc1.64001F"
            return TrackResult(codecs: codecs, timescale: 1000, frameRate: 25, initSize: 1, segments: segments)
        }
        let result = TranscodeResult(
            video: tracks,
            audio: [],
            thumbnailCount: 0,
            storyboardTiles: 0,
            duration: 4,
            incomplete: false
        )
        let presentation = try Presentation(plan: plan, result: result)
        let sets = DASHManifest(presentation).text.components(separatedBy: "<AdaptationSet ").dropFirst()
        #expect(sets.map { $0.components(separatedBy: "<Representation ").count - 1 } == [2, 1])
        #expect(sets.map { $0.prefix(8) } == ["id=\"1\" c", "id=\"101\""])
        let codecs = HLSMasterPlaylist(presentation).text.components(separatedBy: "CODECS=\"av01.0.05M.08\"").count - 1
        #expect(codecs == 1)
    }
}
