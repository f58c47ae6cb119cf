import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

@Suite(.timeLimit(.minutes(2))) struct DamageTests {
    private static func clip(_ workplace: Workplace, _ name: String, _ options: [String] = []) throws -> String {
        let input = Clip.pictures("320x180", seconds: 5) + Clip.sound(seconds: 5)
        return try workplace.make(name, input + Clip.h264 + ["-c:a", "aac"] + options)
    }

    private static func reason(_ path: String) -> MediaError.Reason? {
        do {
            _ = try Transcode(path)
            return nil
        } catch {
            return (error as? MediaError)?.reason
        }
    }

    @Test(arguments: [("cut.mp4", ["-movflags", "faststart"]), ("cut.mkv", [])])
    func `what is left of a truncated file is made, and told to be a part`(name: String, options: [String]) throws {
        let workplace = try Workplace()
        let whole = try Self.clip(workplace, "whole-\(name)", options)
        let made = try Transcode(workplace.truncate(whole, to: 0.5, as: name))
        #expect(made.result.incomplete)
        #expect((1.5...3.5).contains(made.result.duration))
        let sound = try #require(made.result.audio.first)
        #expect(sound.segments.count == made.result.video[0].segments.count)
        #expect(abs(sound.end - made.result.video[0].end) < 0.001)
        try Probe.decode(made.write("video/180p", to: workplace))
        #expect(made.sink.objects["poster.jpg"] != nil)
    }

    @Test func `a file with a hole in it is told to be a part`() throws {
        let workplace = try Workplace()
        let whole = try Self.clip(workplace, "whole.mp4", ["-movflags", "faststart"])
        var bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        let middle = bytes.count / 2
        bytes.replaceSubrange(middle..<middle + 40_000, with: Data(repeating: 0, count: 40_000))
        let made = try Transcode(workplace.write(bytes, as: "hole.mp4"))
        #expect(made.result.incomplete)
        #expect(abs(made.result.duration - 5) < 0.1)
        try Probe.decode(made.write("video/180p", to: workplace))
    }

    @Test(arguments: [.min, .min + 1, 1 << 62, -1 << 62, 1 << 61, -1] as [Int64])
    func `a fragment at a time that no file has costs what is in it`(time: Int64) throws {
        let workplace = try Workplace()
        let whole = try Self.clip(workplace, "whole.mp4", ["-g", "30", "-movflags", "frag_keyframe+empty_moov"])
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: whole)))
        // The last fragment's: one for the pictures, one for the sound.
        let boxes = bytes.indices.dropLast(16).filter { bytes[$0..<$0 + 4].elementsEqual("tfdt".utf8) }.suffix(2)
        try #require(boxes.count == 2)
        for box in boxes {
            try #require(bytes[box + 4] == 1)
            bytes.replaceSubrange(box + 8..<box + 16, with: withUnsafeBytes(of: time.bigEndian, Array.init))
        }
        let made = try Transcode(workplace.write(bytes, as: "wild.mp4"))
        #expect((3.9...5.1).contains(made.result.duration))
        try Probe.decode(made.write("video/180p", to: workplace))
    }

    @Test func `what a browser recorded, without a length and not from 0, comes out whole`() throws {
        let workplace = try Workplace()
        let input = Clip.pictures("320x180", seconds: 3) + Clip.sound(seconds: 3)
        let codecs = ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"]
        let clip = try workplace.make("browser.webm", input + codecs + ["-live", "1", "-output_ts_offset", "0.5"])
        #expect(try Transcode.transcoder.open(clip).description.duration == nil)
        let made = try Transcode(clip)
        #expect(abs(made.result.duration - 3) < 0.05)
        #expect(!made.result.incomplete)
    }

    @Test func `a damaged opening comes out the same each time`() throws {
        let workplace = try Workplace()
        let noise = Clip.pictures("640x360", seconds: 4) + ["-vf", "noise=alls=20:allf=t"]
        let codec = ["-c:v", "libx264", "-preset", "medium", "-g", "60"]
        let whole = try workplace.make("whole.mp4", noise + codec + ["-movflags", "faststart"])
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: whole)))
        for index in stride(from: bytes.count / 10, to: bytes.count, by: bytes.count / 50) { bytes[index] ^= 0x55 }
        let damaged = try workplace.write(bytes, as: "damaged.mp4")
        let first = try PartedRun(damaged, rungs: [.sized(320, 180)])
        #expect(first.result?.incomplete == true)
        for _ in 0..<4 {
            let other = try PartedRun(damaged, rungs: [.sized(320, 180)])
            #expect(first.differences(from: other) == [])
        }
    }

    @Test func `a file without its index cannot be decoded`() throws {
        let workplace = try Workplace()
        let whole = try Self.clip(workplace, "whole.mp4")
        #expect(try Self.reason(workplace.truncate(whole, to: 0.7, as: "cut.mp4")) == .decodeFailed)
    }

    @Test func `each unusable file has its reason`() throws {
        let workplace = try Workplace()
        #expect(Self.reason(workplace.path("absent.mp4")) == .notFound)
        #expect(Self.reason(workplace.folder.path) == .notMedia)
        #expect(try Self.reason(workplace.write([], as: "empty.mp4")) == .empty)
        #expect(try Self.reason(workplace.write("Dear all,\nhello.\n".utf8, as: "letter.mp4")) == .notMedia)
        let noise = (0..<20_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
        #expect(try Self.reason(workplace.write(noise, as: "noise.mp4")) == .notMedia)
    }

    @Test func `a file that names other files is refused`() throws {
        let workplace = try Workplace()
        let target = try Self.clip(workplace, "target.ts")
        let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n\(target)\n#EXT-X-ENDLIST\n"
        #expect(try Self.reason(workplace.write(playlist.utf8, as: "list.mp4")) == .notMedia)
        let concat = "ffconcat version 1.0\nfile '\(target)'\n"
        #expect(try Self.reason(workplace.write(concat.utf8, as: "concat.mp4")) == .notMedia)
    }

    @Test func `subtitles alone are nothing to show`() throws {
        let workplace = try Workplace()
        let text = try workplace.write("1\n00:00:00,000 --> 00:00:02,000\nHello\n\n".utf8, as: "text.srt")
        let clip = try workplace.make("text.mkv", ["-i", text, "-c:s", "srt"])
        #expect(Self.reason(clip) == .noStreams)
    }

    @Test func `a codec that we do not decode is unsupported`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("snow.avi", Clip.pictures("64x64", seconds: 1) + ["-c:v", "snow"])
        #expect(Self.reason(clip) == .unsupported)
    }

    @Test func `a decoder that cannot be opened is an error`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make(
            "clip.mkv",
            Clip.sound(seconds: 1) + ["-ac", "2", "-c:a", "vorbis", "-strict", "-2"]
        )
        var bytes = try Data(contentsOf: URL(fileURLWithPath: clip))
        let header = try #require(bytes.range(of: Data("\u{1}vorbis".utf8)))
        bytes.replaceSubrange(header, with: Data(count: header.count))
        let broken = try workplace.write(bytes, as: "broken.mkv")
        let error = #expect(throws: MediaError.self) { try Transcode(broken) }
        #expect(error?.message.contains(workplace.folder.path) == false)
    }

    @Test func `a picture at an absurd time is left out, and the file told to be a part`() throws {
        let workplace = try Workplace()
        let jump = ["-vf", "setpts=(N+gte(N\\,30)*3000000)/30/TB", "-fps_mode", "passthrough", "-live", "1"]
        let clip = try workplace.make("jump.mkv", Clip.pictures("320x180", seconds: 2) + Clip.h264 + jump)
        let made = try Transcode(clip)
        #expect(made.result.incomplete)
        #expect(abs(made.result.duration - 1) < 0.1)
    }

    @Test(arguments: [0, 1, 4]) func `a store that refuses stops everything`(limit: Int) throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, "clip.mp4")
        let error = #expect(throws: MediaError.self) { try Transcode(clip, sink: MemorySink(limit: limit)) }
        #expect(error?.reason == .storageFailed)
    }
}
