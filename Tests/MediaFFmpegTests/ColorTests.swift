import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

/// What colours come out, measured in the encoded pictures.
@Suite(.timeLimit(.minutes(3))) struct ColorTests {
    // MARK: Brighter pictures

    /// A flat picture of one colour, in 10-bit values.
    private static func flat(
        _ workplace: Workplace,
        _ name: String,
        y: Int,
        u: Int = 512,
        v: Int = 512,
        _ tags: String
    ) throws -> String {
        let values = "geq=lum=\(y):cb=\(u):cr=\(v)"
        return try workplace.make(
            name,
            ["-f", "lavfi", "-i", "nullsrc=s=64x64:r=10:d=0.5,format=yuv420p10le,\(values)", "-c:v", "ffv1"]
                + tags.split(separator: " ").map(String.init)
        )
    }

    private static let perceptual = "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv"
    private static let hybrid = "-color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc -color_range tv"

    /// SMPTE ST 2084: cd/m² to a value from 0 to 1.
    private static func pq(_ luminance: Double) -> Double {
        let y = pow(luminance / 10_000, 0.1593017578125)
        return pow((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y), 78.84375)
    }

    /// The value that a plain screen shows light of that luminance with: as it is up to 61 cd/m², compressed above.
    private static func expected(_ luminance: Double) -> Double {
        let (light, knee, peak) = (min(luminance, 1000) / 203, 0.3, 1000.0 / 203)
        let a = -knee * knee * (peak - 1) / (knee * knee - 2 * knee + peak)
        let b = (knee * knee - 2 * knee * peak + peak) / (peak - 1)
        let mapped = light <= knee ? light : (b * b + 2 * b * knee + knee * knee) / (b - a) * (light + a) / (light + b)
        return 16 + 219 * pow(mapped, 1 / 2.4)
    }

    @Test(arguments: [0.0, 1, 10, 26, 50, 100, 203, 500, 1000, 4000]) func `PQ comes out as light as it was meant`(
        luminance: Double
    ) throws {
        let workplace = try Workplace()
        let value = Int((64 + 876 * Self.pq(luminance)).rounded())
        let clip = try Self.flat(workplace, "pq.mkv", y: value, Self.perceptual)
        let (y, u, v) = try Self.measure(clip, workplace)
        #expect(abs(y - Self.expected(luminance)) <= 2.5, "\(luminance) cd/m²: \(y), not \(Self.expected(luminance))")
        #expect(abs(u - 128) <= 1 && abs(v - 128) <= 1)
    }

    @Test func `HLG's reference white is where PQ's is`() throws {
        let workplace = try Workplace()
        // ITU-R BT.2408: 75 %.
        let clip = try Self.flat(workplace, "hlg.mkv", y: 64 + 657, Self.hybrid)
        let (y, _, _) = try Self.measure(clip, workplace)
        #expect(abs(y - Self.expected(203)) <= 3, "\(y), not \(Self.expected(203))")
    }

    @Test func `a red of BT.709 within BT.2020 comes out as that red`() throws {
        let workplace = try Workplace()
        // 709's red in 2020's primaries, at 50 cd/m² for full red: below the knee, so that nothing is compressed.
        let rgb = [0.6274, 0.0691, 0.0164].map { Self.pq(50 * $0) }
        let y = 0.2627 * rgb[0] + 0.6780 * rgb[1] + 0.0593 * rgb[2]
        let (u, v) = ((rgb[2] - y) / 1.8814, (rgb[0] - y) / 1.4746)
        let clip = try Self.flat(
            workplace,
            "red.mkv",
            y: Int((64 + 876 * y).rounded()),
            u: Int((512 + 896 * u).rounded()),
            v: Int((512 + 896 * v).rounded()),
            Self.perceptual
        )
        let measured = try Self.measure(clip, workplace)
        let red = pow(50.0 / 203, 1 / 2.4)
        let expected = (16 + 219 * 0.2126 * red, 128 - 224 * 0.2126 / 1.8556 * red, 128 + 224 * 0.7874 / 1.5748 * red)
        #expect(
            abs(measured.0 - expected.0) <= 4 && abs(measured.1 - expected.1) <= 4 && abs(measured.2 - expected.2) <= 4,
            "\(measured), not \(expected)"
        )
    }

    @Test func `thumbnails of bright pictures are mapped too`() throws {
        let workplace = try Workplace()
        let clip = try Self.flat(workplace, "pq.mkv", y: Int(64 + 876 * Self.pq(100)), Self.perceptual)
        let made = try Transcode(clip, rungs: [.sized(64, 64)])
        let poster = try workplace.write(try #require(made.sink.objects["poster.jpg"]), as: "poster.jpg")
        let (y, _, _) = try Self.average(poster)
        // JPEG's values use the full range.
        #expect(abs(y - (Self.expected(100) - 16) * 255 / 219) <= 3)
    }

    @Test(arguments: [perceptual, hybrid, "-color_primaries bt2020 -color_trc bt2020-10 -colorspace bt2020nc"])
    func `what is brighter or wider is told to be BT.709`(tags: String) throws {
        let workplace = try Workplace()
        let clip = try Self.flat(workplace, "wide.mkv", y: 500, tags)
        #expect(try Self.tags(clip, workplace) == ["tv", "bt709", "bt709", "bt709"])
    }

    // MARK: Plain pictures

    @Test(
        arguments: [
            ("64x64", "", ["tv", "smpte170m", "bt709", "smpte170m"]),
            ("1280x720", "", ["tv", "bt709", "bt709", "bt709"]),
            ("720x576", "", ["tv", "bt470bg", "bt709", "bt470bg"]),
            ("64x64", "-colorspace bt709 -color_primaries bt709 -color_trc bt709", ["tv", "bt709", "bt709", "bt709"]),
            (
                "64x64", "-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m",
                ["tv", "smpte170m", "smpte170m", "smpte170m"]
            ),
            ("64x64", "-colorspace ycgco -color_primaries bt709", ["tv", "bt709", "bt709", "bt709"]),
            ("64x64", "-colorspace fcc -color_primaries film -color_trc log100", ["tv", "bt709", "bt709", "bt709"]),
        ] as [(String, String, [String])]
    )
    func `renditions tell what their colours are`(size: String, tags: String, told: [String]) throws {
        let workplace = try Workplace()
        let clip = try workplace.make(
            "clip.mkv",
            Clip.pictures(size, rate: "10", seconds: 0.5) + ["-c:v", "ffv1"]
                + tags.split(separator: " ").map(String.init)
        )
        #expect(try Self.tags(clip, workplace) == told)
    }

    /// The same colour in every format that holds it: 75 % orange.
    @Test(arguments: [
        "yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p12le", "gbrp", "bgr0", "rgb48le", "nv12",
        "yuyv422", "yuvj420p", "yuvj444p", "yuv410p", "gbrp10le", "bgra", "yuva420p", "rgba64le",
    ]) func `any format of pixels keeps its colours`(format: String) throws {
        let workplace = try Workplace()
        let matrix = "scale=out_color_matrix=bt709,format=\(format)"
        let codec = ["nv12", "yuyv422"].contains(format) ? "rawvideo" : "ffv1"
        let clip = try workplace.make(
            codec == "rawvideo" ? "clip.avi" : "clip.mkv",
            ["-f", "lavfi", "-i", "color=0xC08020:s=64x64:r=10:d=0.5,\(matrix)", "-c:v", codec]
                + (format.contains("yuv") || format == "nv12" ? ["-colorspace", "bt709"] : [])
        )
        let made = try Self.measure(clip, workplace)
        // 0xC08020 in BT.709: 16 + 219 * (0.2126 R + 0.7152 G + 0.0722 B), and so on.
        let expected = (131.7, 79.4, 160.0)
        let isNear = abs(made.0 - expected.0) <= 3 && abs(made.1 - expected.1) <= 3 && abs(made.2 - expected.2) <= 3
        #expect(isNear, "\(made), not \(expected)")
    }

    @Test func `a curve that players show as BT.709's is left alone`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make(
            "screen.mkv",
            [
                "-f", "lavfi", "-i", "nullsrc=s=128x128:r=10:d=0.5,format=yuv420p,geq=lum=60:cb=100:cr=150", "-c:v",
                "ffv1",
            ]
                + ["-color_trc", "iec61966-2-1", "-colorspace", "bt709", "-color_primaries", "bt709"]
        )
        let (y, u, v) = try Self.measure(clip, workplace)
        #expect(abs(y - 60) <= 1 && abs(u - 100) <= 1 && abs(v - 150) <= 1, "\((y, u, v))")
    }

    @Test func `what is transparent lies on black`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make(
            "glass.mov",
            ["-f", "lavfi", "-i", "color=white@0.5:s=64x64:r=10:d=0.5,format=rgba", "-c:v", "qtrle"]
        )
        let (y, _, _) = try Self.measure(clip, workplace)
        #expect(abs(y - (16 + 219 * 0.5)) <= 3)
    }

    @Test(arguments: ["tv", "pc"]) func `gray keeps its range`(range: String) throws {
        let workplace = try Workplace()
        let value = range == "pc" ? 128 : 126
        let clip = try workplace.make(
            "gray.mkv",
            [
                "-f", "lavfi", "-i", "nullsrc=s=64x64:r=10:d=0.5,format=gray,geq=lum=\(value)", "-c:v", "ffv1",
                "-color_range", range,
            ]
        )
        let (y, u, v) = try Self.measure(clip, workplace)
        #expect(abs(y - 125.5) <= 2 && abs(u - 128) <= 1 && abs(v - 128) <= 1, "\(y)")
    }

    @Test func `a smooth slope in ten bits does not become steps`() throws {
        let workplace = try Workplace()
        let slope = "nullsrc=s=512x64:r=5:d=0.4,format=yuv420p10le,geq=lum='400+X/32':cb=512:cr=512"
        let clip = try workplace.make("slope.mkv", ["-f", "lavfi", "-i", slope, "-c:v", "ffv1"])
        let made = try Transcode(clip, rungs: [.lossless(512, 64)])
        let file = try made.write("video/64p", to: workplace)
        let bytes = [UInt8](
            try run("ffmpeg", ["-v", "error", "-i", file, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"])
        )
        // Without dithering each level of eight bits would span 128 pixels.
        let row = Array(bytes[512 * 32..<512 * 33])
        #expect(Self.longestRun(row) < 100)
    }

    private static func longestRun(_ row: [UInt8]) -> Int {
        var (longest, run) = (0, 0)
        var last: UInt8?
        for value in row {
            run = value == last ? run + 1 : 1
            last = value
            longest = max(longest, run)
        }
        return longest
    }

    // MARK: Measuring

    /// The averages of a rendition's values, in 8 bits.
    private static func measure(_ clip: String, _ workplace: Workplace) throws -> (Double, Double, Double) {
        let made = try Transcode(clip, rungs: [.lossless(64, 64)])
        let file = try made.write("video/64p", to: workplace)
        return try average(file)
    }

    private static func average(_ file: String) throws -> (Double, Double, Double) {
        let raw = ["-frames:v", "1", "-vf", "crop=32:32", "-f", "rawvideo", "-"]
        let bytes = [UInt8](try run("ffmpeg", ["-v", "error", "-i", file] + raw))
        let luma = bytes.count * 2 / 3
        func mean(_ part: ArraySlice<UInt8>) -> Double { Double(part.reduce(0) { $0 + Int($1) }) / Double(part.count) }
        return (mean(bytes[..<luma]), mean(bytes[luma..<luma * 5 / 4]), mean(bytes[(luma * 5 / 4)...]))
    }

    /// Range, primaries, transfer and matrix, as ffprobe finds them.
    private static func tags(_ clip: String, _ workplace: Workplace) throws -> [String] {
        let made = try Transcode(clip, rungs: [.sized(64, 64)])
        let file = try made.write("video/64p", to: workplace)
        let names = ["color_range", "color_primaries", "color_transfer", "color_space"]
        return try names.map { name in
            let shown = [
                "-v", "error", "-select_streams", "v", "-show_entries", "stream=\(name)", "-of", "csv=p=0", file,
            ]
            return try String(decoding: run("ffprobe", shown), as: UTF8.self).trimmingCharacters(in: .newlines)
        }
    }
}

extension Rung {
    /// As good as it gets, to measure colours.
    fileprivate static func lossless(_ width: Int, _ height: Int) -> Rung {
        var rung = sized(width, height)
        rung.crf = 1
        rung.maxBitrate = 20_000_000
        rung.bufferSize = 40_000_000
        return rung
    }
}
