import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

/// What there is to see of sound alone.
@Suite(.timeLimit(.minutes(2))) struct PosterTests {
    private static func transcode(_ clip: String) throws -> Transcode {
        let source = try Transcode.transcoder.open(clip).description
        return try Transcode(clip, plan: LadderPlanner(settings: TranscodeSettings()).plan(for: source))
    }

    /// Luma of a stored picture, row by row.
    private static func rows(_ made: Transcode, _ workplace: Workplace) throws -> (width: Int, rows: [[UInt8]]) {
        let file = try workplace.write(try #require(made.sink.objects["poster.jpg"]), as: "poster.jpg")
        let width = try #require(Probe(file).streams.first?.width)
        let bytes = [UInt8](try run("ffmpeg", ["-v", "error", "-i", file, "-f", "rawvideo", "-pix_fmt", "gray", "-"]))
        return (width, stride(from: 0, to: bytes.count, by: width).map { Array(bytes[$0..<$0 + width]) })
    }

    @Test func `sound alone has its waveform as a poster`() throws {
        let workplace = try Workplace()
        // Quiet, then loud.
        let clip = try workplace.make(
            "song.flac",
            ["-f", "lavfi", "-i", "aevalsrc='if(lt(t,2),0.1,0.5)*sin(2*PI*440*t)':s=48000:d=4"]
        )
        let made = try Self.transcode(clip)
        #expect(made.result.thumbnailCount == 1 && made.result.storyboardTiles == 0)
        #expect(made.sink.objects["thumb_1.jpg"] == made.sink.objects["poster.jpg"])
        let (width, rows) = try Self.rows(made, workplace)
        #expect(width == 1280 && rows.count == 720)
        func height(_ x: Int) -> Int { rows.count { $0[x] > 90 } }
        // The middle of the bars a quarter and three quarters in.
        #expect(abs(height(322) - 100) < 20 && abs(height(962) - 504) < 20, "\(height(322)), \(height(962))")
    }

    @Test(arguments: [("song.mp3", "mjpeg"), ("song.m4a", "png")]) func `sound alone has its cover as a poster`(
        name: String,
        codec: String
    ) throws {
        let workplace = try Workplace()
        let clip = try workplace.make(
            name,
            Clip.sound(seconds: 2) + ["-f", "lavfi", "-i", "color=white:s=200x100:r=1:d=1"]
                + ["-map", "0", "-map", "1", "-c:v", codec, "-frames:v", "1", "-disposition:v:0", "attached_pic"]
        )
        let made = try Self.transcode(clip)
        #expect(made.source.cover?.width == 200 && made.source.cover?.codec == codec && made.source.video == nil)
        let (width, rows) = try Self.rows(made, workplace)
        #expect(width == 200 && rows.count == 100 && rows[50][100] > 250)
        #expect(made.result.thumbnailCount == 1 && !made.result.incomplete)
    }

    @Test func `a cover that cannot be decoded leaves the waveform`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make(
            "song.m4a",
            Clip.sound(seconds: 2) + ["-f", "lavfi", "-i", "color=white:s=200x100:r=1:d=1"]
                + ["-map", "0", "-map", "1", "-c:v", "png", "-frames:v", "1", "-disposition:v:0", "attached_pic"]
        )
        var bytes = try Data(contentsOf: URL(fileURLWithPath: clip))
        let picture = try #require(bytes.range(of: Data("IDAT".utf8)))
        bytes.replaceSubrange(picture.upperBound..<picture.upperBound + 60, with: Data(repeating: 0xFF, count: 60))
        let made = try Self.transcode(workplace.write(bytes, as: "broken.m4a"))
        #expect(made.result.thumbnailCount == 1 && made.sink.objects["poster.jpg"] != nil)
    }

    @Test func `a waveform of any length has as many bars as wanted`() throws {
        let waveform = Waveform()
        #expect(waveform.bars(3) == [0, 0, 0])
        for number in 0..<3000 {
            let samples = [Float](repeating: number < 1500 ? 0.25 : -0.5, count: 1000)
            samples.withUnsafeBufferPointer { waveform.add([$0], count: 1000) }
        }
        #expect(waveform.peaks.count < 4096)
        let bars = waveform.bars(6)
        #expect(bars.prefix(2) == [0.25, 0.25] && bars.suffix(2) == [0.5, 0.5])
    }
}
