import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

/// Files that would take more of us than any film is worth.
@Suite(.timeLimit(.minutes(2))) struct HugeFilesTests {
    private let workplace: Workplace

    init() throws { workplace = try Workplace() }

    private func error(_ path: String) -> MediaError? {
        do {
            _ = try Transcode(path)
            return nil
        } catch {
            return error as? MediaError
        }
    }

    private func isTooLarge(_ path: String, _ word: String) -> Bool {
        let error = error(path)
        return error?.reason == .tooLarge && error?.retryable == false && error?.message.contains(word) == true
    }

    @Test func `a file of 100000 streams is refused quickly`() throws {
        let file = Matroska.file { segment in
            segment.add(0x1549_A966) { $0.add(0x2AD7B1, 1_000_000 as UInt64) }
            segment.add(0x1654_AE6B) { tracks in
                for number in 1...100_000 as ClosedRange<UInt64> { tracks.addTrack(number) }
            }
            segment.add(0x1F43_B675) { $0.add(0xE7, 0 as UInt64) }
        }
        let path = try workplace.write(file, as: "many.mkv")
        let start = ContinuousClock.now
        #expect(isTooLarge(path, "streams"))
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func `fonts attached to a film do no harm`() throws {
        let font = try workplace.write([UInt8](repeating: 7, count: 1000), as: "font.ttf")
        let fonts = (0..<100).flatMap {
            ["-attach", font, "-metadata:s:t:\($0)", "mimetype=application/x-truetype-font"]
        }
        let clip = try workplace.make("fonts.mkv", Clip.pictures("64x64", seconds: 1) + fonts + Clip.h264)
        #expect(try Transcode(clip).result.video.count == 2)
    }

    @Test func `pictures with more pixels than we take are refused`() throws {
        let clip = try workplace.make("small.mkv", Clip.pictures("300x300", seconds: 0.1) + ["-c:v", "png"])
        var bytes = try Data(contentsOf: URL(fileURLWithPath: clip))
        // PixelWidth and PixelHeight, of two bytes each.
        for id in [0xB0, 0xBA] as [UInt8] {
            let element = try #require(bytes.range(of: Data([id, 0x82, 0x01, 0x2C])))
            bytes.replaceSubrange(element, with: [id, 0x82, 0x40, 0x00])
        }
        // What the pictures themselves say.
        while let header = bytes.range(of: Data("IHDR".utf8) + [0, 0, 0x01, 0x2C, 0, 0, 0x01, 0x2C]) {
            bytes.replaceSubrange(header, with: Data("IHDR".utf8) + [0, 0, 0x40, 0x00, 0, 0, 0x40, 0x00])
        }
        #expect(try isTooLarge(workplace.write(bytes, as: "huge.mkv"), "16384x16384"))
    }

    @Test func `a presentation that is longer than we take is refused`() throws {
        let far = ["-vf", "setpts=N*45000/TB", "-fps_mode", "passthrough"]
        let clip = try workplace.make("long.mkv", Clip.pictures("64x64", rate: "1", seconds: 2) + far + Clip.h264)
        #expect(isTooLarge(clip, "longer"))
    }

    @Test func `a small file that decodes for ever is stopped`() throws {
        let still = ["-f", "lavfi", "-i", "color=s=16x16:r=1000000", "-frames:v", "80000"]
        let clip = try workplace.make("endless.mp4", still + ["-c:v", "mpeg4", "-video_track_timescale", "1000000"])
        #expect(isTooLarge(clip, "pictures and blocks"))
    }

    @Test func `a still that stands for long becomes few pictures`() throws {
        let far = ["-vf", "setpts=N*600/TB", "-fps_mode", "passthrough"]
        let clip = try workplace.make("still.mkv", Clip.pictures("64x64", rate: "1", seconds: 2) + far + Clip.h264)
        let made = try Transcode(clip, rungs: [.small])
        #expect(abs(made.result.duration - 600) < 5)
        #expect(made.sink.objects.values.reduce(0) { $0 + $1.count } < 8 << 20)
    }
}
