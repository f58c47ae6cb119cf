import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

@Suite(.timeLimit(.minutes(2))) struct SourceTests {
    @Test func `times of a variable frame rate are kept`() throws {
        let workplace = try Workplace()
        // Nothing moves from 1.5 to 2.5 s, which is longer than a picture may stand, and pictures go missing elsewhere.
        let select = "select='not(between(t,1.5,2.5))*not(eq(mod(n,7),3))'"
        let clip = try workplace.make(
            "vfr.mkv",
            Clip.pictures("320x180", seconds: 4.5) + ["-vf", select, "-vsync", "vfr"] + Clip.h264
        )
        let made = try Transcode(clip)
        let sourceTimes = try Probe(clip).packets.map(\.time)
        let times = try Probe(made.write("video/180p", to: workplace)).packets.map(\.time)
        for time in sourceTimes { #expect(times.contains { abs($0 - time) < 0.001 }) }
        // Two pictures bridge the pause, each half a second on.
        #expect(times.count - sourceTimes.count == 2)
        #expect(made.result.video[0].starts.count == 3)
        #expect(made.result.video[0].segments.map(\.start) == made.result.video[1].segments.map(\.start))
        #expect(abs(made.result.duration - 4.5) < 0.05)
    }

    @Test func `turned pictures come out upright`() throws {
        let workplace = try Workplace()
        let flat = try workplace.make("flat.mp4", Clip.pictures("320x180", seconds: 2) + Clip.h264)
        let turned = try workplace.make("turned.mp4", ["-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90"])
        let description = try Transcode.transcoder.open(turned).description
        let video = try #require(description.video)
        #expect(video.codedWidth == 320 && video.codedHeight == 180)
        #expect(video.displayWidth == 180 && video.displayHeight == 320)
        #expect(video.rotation == 90 || video.rotation == 270)
        let made = try Transcode(turned, rungs: [.sized(180, 320)])
        let probe = try Probe(made.write("video/180p", to: workplace))
        #expect(probe.streams[0].width == 180 && probe.streams[0].height == 320)
        // What ffmpeg itself shows upright is the same picture.
        let file = workplace.path("video_180p.mp4")
        let compare = ["-v", "error", "-i", turned, "-i", file, "-lavfi", "ssim=f=-", "-f", "null", "-"]
        let scores = try String(decoding: run("ffmpeg", compare), as: UTF8.self).split(separator: "\n")
        let all = scores.compactMap { $0.split(separator: " ").first { $0.hasPrefix("All:") }?.dropFirst(4) }
        #expect(!all.isEmpty && all.compactMap { Double($0) }.allSatisfy { $0 > 0.8 })
    }

    @Test func `pixels that are not square are told in square ones`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make(
            "pal.mp4",
            Clip.pictures("72x64", seconds: 1) + ["-vf", "setsar=3/2"] + Clip.h264
        )
        let video = try #require(try Transcode.transcoder.open(clip).description.video)
        #expect(video.codedWidth == 72 && video.displayWidth == 108 && video.displayHeight == 64)
    }

    @Test func `interlaced pictures become whole`() throws {
        let workplace = try Workplace()
        let weave = ["-vf", "tinterlace=interleave_top,setfield=tff", "-c:v", "mpeg2video", "-flags", "+ildct+ilme"]
        let clip = try workplace.make("fields.ts", Clip.pictures("320x180", rate: "50", seconds: 2) + weave)
        let made = try Transcode(clip, rungs: [.large])
        let file = try made.write("video/180p", to: workplace)
        try Probe.decode(file)
        #expect(try Probe(file).streams[0].nbReadFrames == "50")
        #expect(made.result.video[0].frameRate == 25)
    }

    @Test func `no more than 60 pictures a second come out`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("fast.mp4", Clip.pictures("64x64", rate: "120", seconds: 1.5) + Clip.h264)
        let made = try Transcode(clip, rungs: [.sized(64, 64)])
        #expect(try Probe(made.write("video/64p", to: workplace)).streams[0].nbReadFrames == "90")
    }

    @Test func `a source with only sound is cut at the planned times`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("song.mp3", Clip.sound(seconds: 5, rate: 44_100) + ["-c:a", "libmp3lame"])
        let made = try Transcode(clip)
        #expect(made.source.video == nil && made.result.video.isEmpty && made.result.thumbnailCount == 1)
        let sound = try #require(made.result.audio.first)
        #expect(sound.segments.count == 3)
        for (start, planned) in zip(sound.starts, [0.0, 2, 4]) { #expect(abs(start - planned) < 0.011) }
        #expect(abs(sound.end - 5) < 0.06)
        try Probe.decode(made.write("audio/und", to: workplace))
    }

    @Test func `a source with only pictures has no sound`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("mute.mp4", Clip.pictures("320x180", rate: "25", seconds: 3) + Clip.h264)
        let made = try Transcode(clip)
        #expect(made.source.audio.isEmpty && made.result.audio.isEmpty)
        #expect(made.result.video[0].starts == [0, 2])
        #expect(made.result.duration == 3)
    }

    @Test func `cover art is no picture stream`() throws {
        let workplace = try Workplace()
        let cover = try workplace.make("cover.png", Clip.pictures("64x64", seconds: 1) + ["-frames:v", "1"])
        let clip = try workplace.make(
            "song.m4a",
            Clip.sound(seconds: 2) + ["-i", cover, "-map", "0", "-map", "1", "-c:v", "copy"]
                + ["-disposition:v:0", "attached_pic"]
        )
        let source = try Transcode.transcoder.open(clip).description
        #expect(source.video == nil && !source.audio.isEmpty)
    }

    @Test(arguments: ["ffv1", "png"]) func `a single pixel is media`(codec: String) throws {
        let workplace = try Workplace()
        let input = ["-f", "rawvideo", "-s", "1x1", "-pix_fmt", "rgb24", "-r", "10", "-t", "1", "-i", "/dev/zero"]
        let clip = try workplace.make("pixel.mov", input + ["-c:v", codec])
        let made = try Transcode(clip, rungs: [.sized(2, 2)])
        let probe = try Probe(made.write("video/2p", to: workplace))
        #expect(probe.streams[0].width == 2 && probe.streams[0].nbReadFrames == "10")
    }

    @Test func `odd sizes are scaled to even ones`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("odd.mkv", Clip.pictures("101x75", seconds: 1) + ["-c:v", "ffv1"])
        let made = try Transcode(clip, rungs: [.sized(100, 74)])
        try Probe.decode(made.write("video/74p", to: workplace))
    }

    @Test func `the first thumbnail is the poster too, and storyboard sheets fill up`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("mute.mp4", Clip.pictures("320x180", seconds: 3) + Clip.h264)
        let made = try Transcode(clip, rungs: [.small])
        let objects = made.sink.objects
        #expect(made.result.thumbnailCount == 3 && made.result.storyboardTiles == 6)
        #expect(objects["poster.jpg"] != nil && objects["poster.jpg"] == objects["thumb_1.jpg"])
        #expect(objects["thumb_4.jpg"] == nil && objects["storyboard_3.jpg"] == nil)
        for (name, width, height) in [
            ("thumb_3.jpg", 160, 90), ("storyboard_1.jpg", 64, 36), ("storyboard_2.jpg", 64, 18),
        ] {
            let file = try workplace.write(try #require(objects[name]), as: name)
            let stream = try Probe(file).streams[0]
            #expect(stream.codecName == "mjpeg" && stream.width == width && stream.height == height)
        }
    }
}
