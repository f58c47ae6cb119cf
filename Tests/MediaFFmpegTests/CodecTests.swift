import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

@Suite(.timeLimit(.minutes(3))) struct CodecTests {
    private static let others: [VideoCodec] = [.hevc, .av1]

    private static func rung(_ codec: VideoCodec, name: String = "180p", maxBitrate: Int = 600_000) -> Rung {
        Rung(
            name: name,
            width: 320,
            height: 180,
            codec: codec,
            crf: 28,
            maxBitrate: maxBitrate,
            bufferSize: maxBitrate * 2,
            preset: "superfast"
        )
    }

    private static func clip(_ workplace: Workplace, seconds: Double = 3.5, grain: Int = 0) throws -> String {
        let noise = grain > 0 ? ",noise=alls=\(grain):allf=t" : ""
        let picture = "testsrc2=s=320x180:r=30000/1001:d=\(seconds)\(noise)"
        let input = ["-f", "lavfi", "-i", picture] + Clip.sound(seconds: seconds)
        return try workplace.make("clip.mp4", input + Clip.h264 + ["-crf", "10", "-pix_fmt", "yuv420p", "-c:a", "aac"])
    }

    @Test(arguments: others)
    func `a rendition of any codec is a decodable file with every picture`(codec: VideoCodec) throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.clip(workplace), rungs: [Self.rung(codec)])
        let file = try made.write("video/180p", to: workplace)
        try Probe.decode(file)
        let probe = try Probe(file)
        let stream = try #require(probe.streams.first)
        #expect(stream.codecName == codec.rawValue && stream.profile == "Main" && stream.pixFmt == "yuv420p")
        #expect(stream.width == 320 && stream.height == 180 && stream.sampleAspectRatio == "1:1")
        #expect(stream.nbReadFrames == "105")
        #expect(probe.packets.count == 105 && probe.packets.map(\.time).min() == 0)
        #expect(!made.result.incomplete)
    }

    @Test func `HEVC pictures are decoded two before they are shown, as those of H.264`() throws {
        let workplace = try Workplace()
        let made = try Transcode(
            Self.clip(workplace),
            rungs: [Self.rung(.h264, name: "a"), Self.rung(.hevc, name: "b")]
        )
        for name in ["a", "b"] {
            let fragment = try #require(made.sink.objects["video/\(name)/seg_00001.m4s"].flatMap(Self.firstFragment))
            #expect(fragment.firstOffset == 2002, "\(name)")
        }
    }

    private static func firstFragment(_ segment: [UInt8]) -> Fragment? {
        guard let boxes = Box.list(segment), let moof = boxes.first(where: { $0.type == "moof" }) else { return nil }
        let end = boxes.first { $0.range.lowerBound == moof.range.upperBound }?.range.upperBound ?? 0
        return Fragment(Array(segment[moof.range.lowerBound..<end]), from: 0)
    }

    @Test func `rungs of all codecs have the same segments and keyframes`() throws {
        let workplace = try Workplace()
        let rungs = VideoCodec.allCases.map { Self.rung($0, name: $0.rawValue) }
        let made = try Transcode(Self.clip(workplace), rungs: rungs)
        for (rung, track) in zip(rungs, made.result.video) {
            #expect(track.segments.map(\.start) == [0, 60_060], "\(rung.name)")
            #expect(track.segments.map(\.duration) == made.result.video[0].segments.map(\.duration), "\(rung.name)")
            #expect(track.segments.flatMap(\.keyframes).map(\.start) == [0, 30_030, 60_060, 90_090], "\(rung.name)")
            let packets = try Probe(made.write("video/\(rung.name)", to: workplace)).packets
            let keyframes = packets.filter(\.isKeyframe).map { Int64(($0.time * 30_000).rounded()) }
            #expect(keyframes == [0, 30_030, 60_060, 90_090], "\(rung.name)")
        }
    }

    @Test(arguments: others)
    func `codecs are what the sample entry's record holds`(codec: VideoCodec) throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.clip(workplace), rungs: [Self.rung(codec)])
        let header = try #require(made.sink.objects["video/180p/init.mp4"])
        func record(_ type: String) throws -> [UInt8] {
            let start = try #require(header.indices.first { header[$0...].starts(with: Array(type.utf8)) })
            return Array(header[(start + 4)...])
        }
        let codecs = made.result.video[0].codecs
        switch codec {
        case .h264: break
        case .hevc:
            _ = try record("hvc1")
            let fields = try record("hvcC")
            // Main, of which every such stream is also a Main 10 one; no tier or level beyond what 320x180 asks for.
            #expect(fields[1] == 1 && fields[2...5].elementsEqual([0x60, 0, 0, 0]))
            let constraints = String(fields[6], radix: 16, uppercase: true)
            #expect(fields[7...11].allSatisfy { $0 == 0 })
            #expect(codecs == "hvc1.1.6.L\(fields[12]).\(constraints)")
            #expect(fields[12] == 63 || fields[12] == 60)
        case .av1:
            _ = try record("av01")
            let fields = try record("av1C")
            #expect(fields[0] == 0x81 && fields[1] >> 5 == 0)
            #expect(codecs == "av01.0.0\(fields[1] & 0x1F)M.08")
        }
    }

    @Test(arguments: others)
    func `a group of pictures can be decoded without those before it`(codec: VideoCodec) throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.clip(workplace), rungs: [Self.rung(codec)])
        let objects = made.sink.objects
        let header = try #require(objects["video/180p/init.mp4"])
        let second = try #require(objects["video/180p/seg_00002.m4s"])
        let file = try workplace.write(header + second, as: "second.mp4")
        try Probe.decode(file)
        #expect(try Probe(file).streams.first?.nbReadFrames == "45")
    }

    @Test(arguments: others)
    func `the same source makes the same bytes with any codec`(codec: VideoCodec) throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, seconds: 2.2, grain: 10)
        let rungs = [Self.rung(codec)]
        #expect(try Transcode(clip, rungs: rungs).sink.objects == Transcode(clip, rungs: rungs).sink.objects)
    }

    @Test(arguments: VideoCodec.allCases)
    func `the cap holds where the pictures ask for more`(codec: VideoCodec) throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, seconds: 8, grain: 60)
        let made = try Transcode(clip, rungs: [Self.rung(codec, maxBitrate: 200_000)])
        let rate = made.result.video[0].bitrates(targetDuration: 2)
        // Segments of two seconds may spend the buffer's two seconds besides, in the opening and once again behind it.
        #expect(rate.peak < 420_000 && rate.average < 320_000 && rate.average > 60_000)
    }

    @Test(arguments: others)
    func `pictures come at any times`(codec: VideoCodec) throws {
        let workplace = try Workplace()
        let uneven = "testsrc2=s=320x180:r=30:d=3,select='not(eq(mod(n,7),3))+gt(n,60)',setpts=PTS+0.004*mod(N\\,3)/TB"
        let input = ["-f", "lavfi", "-i", uneven, "-fps_mode", "vfr"] + Clip.h264 + ["-pix_fmt", "yuv420p"]
        let clip = try workplace.make("uneven.mkv", input)
        let made = try Transcode(clip, rungs: [Rung.sized(320, 180), Self.rung(codec, name: "other")])
        #expect(made.result.video[0].segments.map(\.start) == made.result.video[1].segments.map(\.start))
        #expect(made.result.video[0].segments.map(\.duration) == made.result.video[1].segments.map(\.duration))
        try Probe.decode(made.write("video/other", to: workplace))
        let times = try ["180p", "other"].map { name in
            try Probe(made.write("video/\(name)", to: workplace)).packets.map(\.time).sorted()
        }
        #expect(times[0].count == times[1].count)
        #expect(zip(times[0], times[1]).allSatisfy { abs($0 - $1) < 0.000_1 })
    }
}
