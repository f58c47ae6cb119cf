import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

@Suite(.timeLimit(.minutes(2))) struct SegmentTests {
    /// 5.5 s, so that the last segment is shorter; NTSC, so that nothing falls on whole seconds.
    private static func clip(_ workplace: Workplace, rate: String = "30000/1001") throws -> String {
        let input = Clip.pictures("320x180", rate: rate, seconds: 5.5) + Clip.sound(seconds: 5.5, rate: 44_100)
        return try workplace.make("clip.mp4", input + Clip.h264 + ["-c:a", "aac"])
    }

    @Test func `each rendition is a decodable file with every picture`() throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.clip(workplace))
        for (rung, track) in zip([Rung.large, .small], made.result.video) {
            let file = try made.write("video/\(rung.name)", to: workplace)
            try Probe.decode(file)
            let probe = try Probe(file)
            let stream = try #require(probe.streams.first)
            #expect(stream.codecName == "h264" && stream.profile == "High" && stream.pixFmt == "yuv420p")
            #expect(stream.width == rung.width && stream.height == rung.height && stream.sampleAspectRatio == "1:1")
            #expect(stream.nbReadFrames == "165")
            #expect(probe.packets.map(\.time).min() == 0)
            #expect(try abs(#require(probe.packets.map(\.time).max()) - 164 * 1001 / 30_000) < 0.001)
            #expect(abs(track.end - 5.5055) < 0.05)
            #expect(try abs(#require(track.frameRate) - 30_000 / 1001) < 1e-9)
        }
        #expect(abs(made.result.duration - 5.5055) < 0.05)
        #expect(!made.result.incomplete)
    }

    @Test func `all renditions have the same segments`() throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.clip(workplace))
        let pictures = made.result.video[0]
        // The first picture at or after 0, 2 and 4 s.
        #expect(pictures.segments.map(\.start) == [0, 60_060, 120_120])
        #expect(made.result.video[1].segments.map(\.start) == pictures.segments.map(\.start))
        #expect(made.result.video[1].segments.map(\.duration) == pictures.segments.map(\.duration))
        let sound = try #require(made.result.audio.first)
        #expect(sound.segments.count == pictures.segments.count)
        for (heard, seen) in zip(sound.starts, pictures.starts) { #expect(abs(heard - seen) <= 512.5 / 48_000) }
        #expect(abs(sound.end - pictures.end) < 0.001)
    }

    @Test func `a segment starts with an IDR picture and every second has one`() throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.clip(workplace))
        for (rung, track) in zip([Rung.large, .small], made.result.video) {
            let keyframes = try Probe(made.write("video/\(rung.name)", to: workplace)).packets.filter(\.isKeyframe)
            #expect(
                keyframes.map { Int64(($0.time * 30_000).rounded()) } == [0, 30_030, 60_060, 90_090, 120_120, 150_150]
            )
            #expect(track.segments.flatMap(\.keyframes).map(\.start) == [0, 30_030, 60_060, 90_090, 120_120, 150_150])
            #expect(track.segments.allSatisfy { $0.keyframes.first?.start == $0.start })
        }
    }

    @Test func `what the result says is what was stored`() throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.clip(workplace))
        let folders = ["video/180p", "video/90p", "audio/und"]
        for (folder, track) in zip(folders, made.result.video + [try #require(made.result.audio.first)]) {
            #expect(made.sink.objects["\(folder)/init.mp4"]?.count == track.initSize)
            var decodeEnd: Int64 = 0
            for (index, segment) in track.segments.enumerated() {
                let bytes = try #require(made.sink.objects["\(folder)/\(OutputLayout.segment(index + 1))"])
                #expect(bytes.count == segment.size)
                let boxes = try #require(Box.list(bytes))
                #expect(boxes.map(\.type).first == "styp")
                // Each fragment's decoding time is where the one before it ended.
                for moof in boxes.indices where boxes[moof].type == "moof" {
                    let range = boxes[moof].range.lowerBound..<boxes[moof + 1].range.upperBound
                    let fragment = try #require(Fragment(Array(bytes[range]), from: 0))
                    #expect(fragment.decodeTime == decodeEnd)
                    decodeEnd += fragment.duration
                }
            }
        }
    }

    @Test func `a keyframe's range holds its moof and the whole picture`() throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.clip(workplace))
        let objects = made.sink.objects
        for (number, segment) in made.result.video[0].segments.enumerated() {
            let bytes = try #require(objects["video/180p/\(OutputLayout.segment(number + 1))"])
            for keyframe in segment.keyframes {
                #expect(Array(bytes[keyframe.offset + 4..<keyframe.offset + 8]) == Array("moof".utf8))
                // A player appends exactly this after the initialisation segment, and shows one picture.
                let range = bytes[keyframe.offset..<keyframe.offset + keyframe.length]
                let header = try #require(objects["video/180p/init.mp4"])
                let file = try workplace.write(header + range, as: "key-\(keyframe.start).mp4")
                let shown = [
                    "-v", "quiet", "-read_intervals", "%+#1", "-show_entries", "frame=pict_type", "-of", "csv=p=0",
                ]
                let printed = try String(decoding: run("ffprobe", shown + [file]), as: UTF8.self)
                #expect(printed.first == "I")
            }
        }
    }

    @Test func `codecs are what the initialisation segments hold`() throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.clip(workplace))
        let header = try #require(made.sink.objects["video/180p/init.mp4"])
        let start = try #require(header.indices.first { header[$0...].starts(with: Array("avcC".utf8)) })
        let profile = header[start + 5..<start + 8].map { String(format: "%02X", $0) }.joined()
        #expect(made.result.video[0].codecs == "avc1.\(profile)")
        #expect(profile.hasPrefix("6400"))
        #expect(made.result.audio.first?.codecs == "mp4a.40.2")
    }

    @Test func `the same source makes the same bytes`() throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace)
        let first = try Transcode(clip)
        let second = try Transcode(clip)
        #expect(first.result == second.result)
        #expect(first.sink.objects == second.sink.objects)
    }

    @Test func `progress rises to the end`() throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.clip(workplace))
        #expect(made.progress == made.progress.sorted())
        #expect(made.progress.count > 10)
        #expect(try abs(#require(made.progress.last) - made.result.duration) < 0.05)
    }
}
