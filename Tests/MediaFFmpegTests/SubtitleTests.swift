import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

/// Text that comes with pictures, in each of the formats that hold it.
@Suite(.timeLimit(.minutes(2))) struct SubtitleTests {
    private static let script = """
        1
        00:00:00,500 --> 00:00:01,500
        Hello <i>there</i>

        2
        00:00:01,800 --> 00:00:04,200
        1 < 2 & a --> b
        second line

        3
        00:00:04,500 --> 00:00:09,000
        to the end

        """

    private static func clip(
        _ workplace: Workplace,
        _ name: String,
        _ codec: String,
        _ more: [String] = []
    ) throws -> String {
        var text = try workplace.write(script.utf8, as: "text.srt")
        if codec == "webvtt" {
            // ffmpeg's own encoder escapes nothing.
            let escaped = script.replacing("1 < 2 & a --> b", with: "1 &lt; 2 &amp; a --&gt; b").replacing(
                ",",
                with: "."
            )
            text = try workplace.write("WEBVTT\n\n\(escaped)".utf8, as: "text.vtt")
        }
        let pictures =
            name.hasSuffix("webm") ? ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"] : Clip.h264
        return try workplace.make(
            name,
            Clip.pictures("64x64", seconds: 5) + ["-i", text, "-map", "0", "-map", "1"] + pictures
                + ["-c:s", codec == "webvtt" ? "copy" : codec, "-metadata:s:s:0", "language=eng"] + more
        )
    }

    private static func transcode(_ clip: String) throws -> Transcode {
        let source = try Transcode.transcoder.open(clip).description
        let subtitles = try LadderPlanner(settings: TranscodeSettings()).plan(for: source).subtitles
        return try Transcode(clip, rungs: [.sized(64, 64)], subtitles: subtitles)
    }

    @Test(arguments: [
        ("a.mp4", "mov_text"), ("a.mkv", "subrip"), ("a.mkv", "ass"), ("a.webm", "webvtt"), ("a.mov", "mov_text"),
    ])
    func `text becomes WebVTT, cut as the pictures are`(name: String, codec: String) throws {
        let workplace = try Workplace()
        let made = try Self.transcode(Self.clip(workplace, name, codec))
        #expect(made.source.subtitles.map(\.codec) == [codec] && made.source.subtitles[0].language == "eng")
        let track = try #require(made.result.subtitles.first)
        let pictures = made.result.video[0]
        #expect(track.cues == 3 && track.timescale == pictures.timescale)
        #expect(track.segments.map(\.start) == pictures.segments.map(\.start))
        #expect(track.segments.map(\.duration) == pictures.segments.map(\.duration))
        let files = made.sink.objects.mapValues { String(decoding: $0, as: UTF8.self) }
        let first = try #require(files["subtitles/en/seg_00001.vtt"])
        #expect(
            first.hasPrefix("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:00:00.500 --> 00:00:01.500\n")
        )
        #expect(first.contains("Hello <i>there</i>\n"))
        let second = "\n00:00:01.800 --> 00:00:04.200\n1 &lt; 2 &amp; a --&gt; b\nsecond line\n"
        #expect(first.contains(second) && files["subtitles/en/seg_00002.vtt"]?.contains(second) == true)
        // The file ends before the last text does.
        #expect(files["subtitles/en/seg_00003.vtt"]?.hasSuffix("\n00:00:04.500 --> 00:00:05.000\nto the end\n") == true)
        // ffmpeg, which nobody here wrote, reads the whole.
        let whole = try workplace.write(try #require(made.sink.objects["subtitles/en/subtitles.vtt"]), as: "all.vtt")
        let read = try String(decoding: run("ffmpeg", ["-v", "error", "-i", whole, "-f", "srt", "-"]), as: UTF8.self)
            .replacing("\r\n", with: "\n")
        #expect(read.contains("00:00:01,800 --> 00:00:04,200\n1 < 2 & a --> b\nsecond line"))
    }

    @Test func `text keeps its place beside pictures that start late`() throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, "late.mkv", "subrip", ["-output_ts_offset", "7"])
        let made = try Self.transcode(clip)
        let first = String(decoding: try #require(made.sink.objects["subtitles/en/seg_00001.vtt"]), as: UTF8.self)
        #expect(first.contains("00:00:00.500 --> 00:00:01.500\n"))
    }

    @Test func `dispositions tell what a text is for`() throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, "forced.mkv", "subrip", ["-disposition:s:0", "forced"])
        let subtitles = try Transcode.transcoder.open(clip).description.subtitles
        #expect(subtitles.map(\.role) == [.forced] && subtitles.map(\.isDefault) == [false])
    }

    @Test func `subtitles of pictures are left out, and named`() throws {
        let workplace = try Workplace()
        // No tool makes bitmaps of text: a stream that only claims to hold them is enough to be probed.
        let text = try Self.clip(workplace, "text.mkv", "subrip")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: text))
        let codec = try #require(bytes.range(of: Data("S_TEXT/UTF8".utf8)))
        bytes.replaceSubrange(codec, with: Data("S_HDMV/PGS\0".utf8))
        let clip = try workplace.write(bytes, as: "bitmap.mkv")
        let made = try Self.transcode(clip)
        #expect(made.source.subtitles.isEmpty && made.result.subtitles.isEmpty)
        #expect(
            made.source.leftOut == [
                LeftOutStream(index: 1, codec: "hdmv_pgs_subtitle", language: "eng", reason: .bitmapSubtitles)
            ]
        )
    }
}
