import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

/// A rung that the source already fits.
@Suite(.timeLimit(.minutes(3))) struct CopyTests {
    private static func clip(_ workplace: Workplace, _ name: String = "fit.mp4", group: Int = 60) throws -> String {
        let input = Clip.pictures("64x64", seconds: 45) + Clip.sound(seconds: 45)
        let codec = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
        let groups = ["-g", "\(group)", "-keyint_min", "\(group)", "-sc_threshold", "0", "-bf", "2"]
        return try workplace.make(name, input + codec + groups)
    }

    private static var copied: Rung {
        var rung = Rung.sized(64, 64)
        rung.copies = true
        return rung
    }

    @Test func `the source's own pictures come out, cut where the others are`() throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace)
        let made = try PartedRun(clip, rungs: [Self.copied, .sized(32, 32)])
        let result = try #require(made.result)
        let (own, small) = (result.video[0], result.video[1])
        #expect(made.parts.count == 2 && own.segments.count == 23)
        #expect(own.segments.map(\.start) == small.segments.map(\.start))
        #expect(own.segments.map(\.duration) == small.segments.map(\.duration))
        #expect(own.frameRate == 30 && !result.incomplete)
        let file = try workplace.write(made.sink.track("video/64p"), as: "own.mp4")
        try Probe.decode(file)
        func pictures(_ path: String) throws -> [Substring] {
            let hashes = ["-v", "error", "-i", path, "-map", "0:v", "-f", "framemd5", "-"]
            let lines = String(decoding: try run("ffmpeg", hashes), as: UTF8.self).split(separator: "\n")
            return lines.filter { !$0.hasPrefix("#") }.compactMap { $0.split(separator: ",").last }
        }
        #expect(try (pictures(file) == pictures(clip)) == true)
        // What viewers can watch first.
        #expect(made.segments.first { $0 != .audio(0) } == .video(0))
    }

    @Test func `a copy taken up behind a part makes the same bytes`() throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace)
        let rungs = [Self.copied, .sized(32, 32)]
        let whole = try PartedRun(clip, rungs: rungs)
        let begun = try PartedRun(clip, rungs: rungs, parts: 1)
        let ended = try PartedRun(clip, rungs: rungs, finished: begun.parts)
        #expect((ended.result == whole.result) == true)
        let others = ended.sink.objects.filter { whole.sink.objects[$0.key] != $0.value }
        #expect(others.keys.sorted() == [])
    }

    @Test func `stills of a source that is only copied come from its keyframes`() throws {
        let workplace = try Workplace()
        let made = try PartedRun(Self.clip(workplace), rungs: [Self.copied])
        let result = try #require(made.result)
        #expect(result.video[0].segments.count == 23 && result.video[0].frameRate == 30)
        #expect(result.thumbnailCount == 3 && result.storyboardTiles == 91)
    }

    @Test func `what fits is told by the container's index`() throws {
        let workplace = try Workplace()
        let source = try Transcode.transcoder.open(Self.clip(workplace)).description
        let facts = try #require(source.video?.copyFacts)
        #expect(abs(facts.keyframeInterval - 2) < 0.0001 && facts.peakBitrate > 0)
        let plan = Transcode.plan(source, [.sized(64, 64), .sized(32, 32)])
        #expect(plan.copying(source).rungs.map(\.copies) == [true, false])
        var strict = plan
        strict.rungs[0].maxBitrate = facts.peakBitrate - 1
        #expect(strict.copying(source).rungs.allSatisfy { !$0.copies })
        // A cap that was only fitted to the content does not keep from copying, and does not hold for the copy.
        let offered = strict.copying(source, offered: plan.rungs)
        #expect(offered.rungs.map(\.copies) == [true, false])
        #expect(offered.rungs[0].maxBitrate == plan.rungs[0].maxBitrate)
    }

    @Test func `keyframes off the grid, and other containers, are encoded`() throws {
        let workplace = try Workplace()
        for clip in [try Self.clip(workplace, "off.mp4", group: 50), try Self.clip(workplace, "fit.mkv")] {
            let source = try Transcode.transcoder.open(clip).description
            let plan = Transcode.plan(source, [.sized(64, 64)])
            #expect(plan.copying(source).rungs.allSatisfy { !$0.copies })
        }
    }
}
