import MediaDomain
import Testing

@testable import MediaFFmpeg

@Suite(.timeLimit(.minutes(3))) struct ContentAnalysisTests {
    private static let length = 8.0

    private static func clip(_ workplace: Workplace, _ name: String, _ picture: String) throws -> String {
        let encoding = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-g", "30", "-pix_fmt", "yuv420p"]
        return try workplace.make("\(name).mp4", ["-f", "lavfi", "-i", picture, "-t", "\(length)"] + encoding)
    }

    /// A picture full of lines and letters, a new one every two seconds.
    private static let slides = "testsrc2=s=854x480:r=0.5,fps=30"

    private static let noise = "color=gray:s=640x360:r=30,noise=alls=70:allf=t"

    private static func analyze(_ path: String) throws -> ContentComplexity? {
        try Transcode.transcoder.open(path).analyze()
    }

    private static func rungs(_ path: String, perTitle: Bool) throws -> [Rung] {
        let source = try Transcode.transcoder.open(path)
        let complexity = perTitle ? try source.analyze() : nil
        let settings = TranscodeSettings(preset: "ultrafast", perTitle: perTitle)
        return try LadderPlanner(settings: settings).plan(for: source.description, complexity: complexity).rungs
    }

    @Test func `slides cost far fewer bits and look the same`() throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, "slides", Self.slides)
        let fixed = try Transcode(clip, rungs: Self.rungs(clip, perTitle: false))
        let fitted = try Transcode(clip, rungs: Self.rungs(clip, perTitle: true))
        let bytes = [fixed, fitted].map { made in made.result.video.reduce(0) { $0 + $1.size } }
        #expect(Double(bytes[1]) < Double(bytes[0]) * 0.6, "\(bytes)")
        let similarity = try [fixed, fitted].map { made in
            try Similarity.between(made.write("video/480p", to: workplace), clip)
        }
        #expect(similarity[1] > similarity[0] * 0.98 && similarity[1] > 0.98, "\(similarity)")
    }

    @Test func `noise keeps its ladder`() throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, "noise", Self.noise)
        #expect(try Self.rungs(clip, perTitle: true) == Self.rungs(clip, perTitle: false))
    }

    @Test func `a look at the same file finds the same`() throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, "clip", "testsrc2=s=640x360:r=30,noise=alls=10:allf=t")
        let found = try #require(try Self.analyze(clip))
        #expect(try Self.analyze(clip) == found)
        #expect(found.samples.count == 2 && found.frameRate == 30)
        #expect(found.samples.allSatisfy { $0.small.height == 240 && $0.large.height == 360 })
        #expect(found.samples.allSatisfy { $0.large.keyframeBits > $0.small.keyframeBits })
        #expect(found.samples.allSatisfy { (0.5..<1).contains($0.similarity) })
    }

    @Test func `samples are taken where the source has most bytes`() throws {
        let workplace = try Workplace()
        // Noise only from the third second to the fourth, and still pictures else.
        let picture = "color=gray:s=320x240:r=30,noise=alls=70:allf=t:enable='between(t,2.99,3.99)'"
        let clip = try Self.clip(workplace, "busy", picture)
        let times = try #require(try Self.analyze(clip)).samples.map(\.time)
        #expect(times.first == 3)
    }

    @Test(arguments: ["short.mp4", "sound.m4a", "transport.ts", "one.mp4"])
    func `what cannot be sampled is not told`(name: String) throws {
        let workplace = try Workplace()
        let input =
            switch name {
            case "short.mp4": Clip.pictures("320x180", seconds: 2) + Clip.h264
            case "sound.m4a": Clip.sound(seconds: 9)
            case "one.mp4":
                Clip.pictures("320x180", seconds: 9) + ["-c:v", "libx264", "-preset", "ultrafast", "-g", "999"]
            default: Clip.pictures("320x180", seconds: 9) + Clip.h264
            }
        #expect(try Self.analyze(workplace.make(name, input)) == nil)
    }

    @Test func `grain is told from a still picture by how much is lost`() throws {
        let workplace = try Workplace()
        let still = try #require(try Self.analyze(Self.clip(workplace, "slides", Self.slides)))
        let grain = try #require(try Self.analyze(Self.clip(workplace, "noise", Self.noise)))
        #expect(still.samples.allSatisfy { $0.similarity > 0.99 })
        #expect(grain.samples.allSatisfy { $0.similarity < 0.99 && $0.large.pictureBits > 100_000 })
    }
}
