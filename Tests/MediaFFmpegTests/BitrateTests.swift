import MediaDomain
import Testing

@testable import MediaFFmpeg

@Suite(.timeLimit(.minutes(3))) struct BitrateTests {
    /// Grain that asks for far more than the cap, or quiet pictures that ask for less.
    private static func transcode(_ picture: String, segment: Double, codec: VideoCodec) throws -> Transcode {
        let workplace = try Workplace()
        let encoding = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-g", "30", "-pix_fmt", "yuv420p"]
        let clip = try workplace.make("clip.mp4", ["-f", "lavfi", "-i", picture, "-t", "9"] + encoding)
        let ladder = Ladder([LadderStep(shortSide: 180, maxBitrate: 300_000)])
        let settings = TranscodeSettings(segmentDuration: segment, ladder: ladder, codec: codec)
        let source = try Transcode.transcoder.open(clip).description
        return try Transcode(clip, plan: LadderPlanner(settings: settings).plan(for: source))
    }

    @Test(arguments: [1.0, 2, 4], VideoCodec.allCases)
    func `what asks for more than its cap peaks at twice its average at most`(segment: Double, codec: VideoCodec) throws
    {
        let grain = "color=gray:s=320x180:r=30,noise=alls=50:allf=t"
        let made = try Self.transcode(grain, segment: segment, codec: codec)
        let track = made.result.video[0]
        let target = Int(segment)
        let rates = track.bitrates(targetDuration: target)
        #expect(rates.peak <= 2 * rates.average, "\(rates)")
        #expect(rates.average < 300_000 * 4 / 3 && rates.average > 100_000, "\(rates)")
        // What is declared is what any player can measure: the largest segment, and all of them.
        let segments = track.segments.map { Double($0.size * 8 * track.timescale) / Double($0.duration) }
        #expect(try Double(rates.peak) >= #require(segments.filter { $0 > 0 }.dropLast().max()))
        let seconds = Double(track.segments.reduce(0) { $0 + $1.duration }) / Double(track.timescale)
        #expect(abs(Double(rates.average) - Double(track.size * 8) / seconds) <= 1)
    }

    @Test func `what asks for less than its cap is below it`() throws {
        let made = try Self.transcode("testsrc2=s=320x180:r=30", segment: 4, codec: .h264)
        let rates = made.result.video[0].bitrates(targetDuration: 4)
        #expect(rates.peak < 300_000 && rates.peak <= rates.average * 3 / 2)
    }

    /// The decoder's buffer of two seconds, which the opening has begun to empty, is not full once more for the part behind it.
    @Test func `a part does not begin as if nothing had come before it`() throws {
        let made = try Self.transcode("color=gray:s=320x180:r=30,noise=alls=50:allf=t", segment: 4, codec: .h264)
        let segments = made.result.video[0].segments
        let seconds = segments.map { Double($0.duration) / Double(made.result.video[0].timescale) }
        #expect(seconds.prefix(2) == [2, 2])
        #expect(Double(segments[1].size * 8) < (seconds[1] + 0.5) * 300_000, "\(segments.map(\.size))")
    }
}
