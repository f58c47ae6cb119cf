import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

/// How pictures lie in what comes out: turned, mirrored, stretched, put one after another.
@Suite(.timeLimit(.minutes(2))) struct ShapeTests {
    /// Red, green, blue and white quarters, so that every turn shows.
    private static let quarters = [
        "-f", "lavfi", "-i",
        "color=red:s=320x180:r=10:d=1,drawbox=x=iw/2:y=0:w=iw/2:h=ih/2:c=lime:t=fill,"
            + "drawbox=x=0:y=ih/2:w=iw/2:h=ih/2:c=blue:t=fill,drawbox=x=iw/2:y=ih/2:w=iw/2:h=ih/2:c=white:t=fill",
    ]

    /// As `tkhd` holds it (ISO/IEC 14496-12 8.3.2): what ffmpeg's own writer cannot tell is put into its place.
    private static func clip(_ workplace: Workplace, matrix: [Int32], _ more: [String] = []) throws -> String {
        let flat = try workplace.make("flat.mp4", quarters + Clip.h264 + more)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: flat))
        let identity = matrixBytes([1, 0, 0, 1])
        let header = try #require(bytes.range(of: Data("tkhd".utf8)))
        let place = try #require(bytes.range(of: identity, in: header.upperBound..<bytes.endIndex))
        bytes.replaceSubrange(place, with: matrixBytes(matrix))
        return try workplace.write(bytes, as: "turned.mp4")
    }

    private static func matrixBytes(_ values: [Int32]) -> Data {
        let fixed = [values[0] << 16, values[1] << 16, 0, values[2] << 16, values[3] << 16, 0, 0, 0, 1 << 30]
        return Data(fixed.flatMap { value in withUnsafeBytes(of: Int32(value).bigEndian, Array.init) })
    }

    /// The colours of the quarters, row by row.
    private static func corners(_ file: String) throws -> String {
        let raw = [
            "-v", "error", "-i", file, "-frames:v", "1", "-vf", "format=rgb24,scale=2:2:flags=area", "-pix_fmt",
            "rgb24",
        ]
        let bytes = [UInt8](try run("ffmpeg", raw + ["-f", "rawvideo", "-"]))
        return stride(from: 0, to: 12, by: 3).map { place in
            let bright = bytes[place..<place + 3].map { $0 > 110 }
            return bright == [true, true, true] ? "w" : bright[0] ? "r" : bright[1] ? "g" : bright[2] ? "b" : "?"
        }
        .joined()
    }

    @Test(
        arguments: [
            ([1, 0, 0, 1], "rgbw"), ([0, 1, -1, 0], "brwg"), ([-1, 0, 0, -1], "wbgr"), ([0, -1, 1, 0], "gwrb"),
            ([-1, 0, 0, 1], "grwb"), ([1, 0, 0, -1], "bwrg"), ([0, 1, 1, 0], "rbgw"), ([0, -1, -1, 0], "wgbr"),
        ] as [([Int32], String)]
    )
    func `pictures come out turned and mirrored as they are meant`(matrix: [Int32], corners: String) throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, matrix: matrix)
        let isTurned = matrix[0] == 0
        let made = try Transcode(clip, rungs: [isTurned ? .sized(180, 320) : .sized(320, 180)])
        let video = try #require(made.source.video)
        #expect(video.displayWidth == (isTurned ? 180 : 320) && video.displayHeight == (isTurned ? 320 : 180))
        #expect(try Self.corners(made.write("video/180p", to: workplace)) == corners)
    }

    @Test func `mirrored pictures are never packaged as they are`() throws {
        let workplace = try Workplace()
        let groups = ["-g", "5", "-keyint_min", "5", "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-bf", "0"]
        let plain = try Transcode.transcoder.open(Self.clip(workplace, matrix: [1, 0, 0, 1], groups)).description
        #expect(plain.video?.copyFacts != nil)
        let mirrored = try Transcode.transcoder.open(Self.clip(workplace, matrix: [1, 0, 0, -1], groups)).description
        #expect(mirrored.video?.copyFacts == nil)
    }

    /// The rows and columns of a picture that are black, as shares of its sides.
    private static func bars(_ file: String, at second: Double) throws -> (across: Double, down: Double) {
        let raw = [
            "-v", "error", "-ss", "\(second)", "-i", file, "-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo",
        ]
        let bytes = [UInt8](try run("ffmpeg", raw + ["-"]))
        let stream = try #require(Probe(file).streams.first)
        let (width, height) = try (#require(stream.width), #require(stream.height))
        let columns = (0..<width).count { x in (0..<height).allSatisfy { bytes[$0 * width + x] < 24 } }
        let rows = (0..<height).count { y in bytes[y * width..<(y + 1) * width].allSatisfy { $0 < 24 } }
        return (Double(columns) / Double(width), Double(rows) / Double(height))
    }

    @Test func `pictures of another shape lie between bars, never distorted`() throws {
        let workplace = try Workplace()
        let gray = { (size: String) in ["-f", "lavfi", "-i", "color=gray:s=\(size):r=10:d=2"] + Clip.h264 }
        let parts = try ["320x180", "180x180", "320x90", "640x360"].enumerated().map { number, size in
            try workplace.make("\(number).ts", gray(size))
        }
        let bytes = try parts.reduce(Data()) { try $0 + Data(contentsOf: URL(fileURLWithPath: $1)) }
        let made = try Transcode(workplace.write(bytes, as: "joined.ts"), rungs: [.sized(320, 180)])
        #expect(!made.result.incomplete && abs(made.result.duration - 8) < 0.2, "\(made.result.duration) s")
        let file = try made.write("video/180p", to: workplace)
        try Probe.decode(file)
        for (second, across, down) in [(1.0, 0.0, 0.0), (3, 0.4375, 0), (5, 0, 0.5), (7, 0, 0)] {
            let bars = try Self.bars(file, at: second)
            #expect(abs(bars.across - across) < 0.03 && abs(bars.down - down) < 0.03, "\(second) s: \(bars)")
        }
    }

    @Test func `a change of the shape of pixels alone makes bars too`() throws {
        let workplace = try Workplace()
        let parts = try ["1/1", "2/1"].enumerated().map { number, shape in
            try workplace.make(
                "\(number).ts",
                ["-f", "lavfi", "-i", "color=gray:s=320x180:r=10:d=2,setsar=\(shape)"] + Clip.h264
            )
        }
        let bytes = try parts.reduce(Data()) { try $0 + Data(contentsOf: URL(fileURLWithPath: $1)) }
        let made = try Transcode(workplace.write(bytes, as: "joined.ts"), rungs: [.sized(320, 180)])
        let file = try made.write("video/180p", to: workplace)
        #expect(try Self.bars(file, at: 1).down < 0.03)
        #expect(try abs(Self.bars(file, at: 3).down - 0.5) < 0.03)
    }

    @Test(arguments: ["tff", "bff"]) func `fields of either order become whole pictures`(order: String) throws {
        let workplace = try Workplace()
        // A bar that moves 8 pixels a field: what is woven wrongly has combs.
        let moving = "color=black:s=320x180:r=50:d=1,drawbox=x='mod(t*400,300)':y=0:w=16:h=ih:c=white:t=fill"
        let lines = order == "tff" ? "interleave_top" : "interleave_bottom"
        let clip = try workplace.make(
            "fields.ts",
            [
                "-f", "lavfi", "-i", "\(moving),tinterlace=\(lines),setfield=\(order)", "-c:v", "mpeg2video", "-b:v",
                "8M",
            ]
                + ["-flags", "+ildct+ilme"]
        )
        let made = try Transcode(clip, rungs: [.large])
        let file = try made.write("video/180p", to: workplace)
        let raw = [
            "-v", "error", "-ss", "0.5", "-i", file, "-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo", "-",
        ]
        let bytes = [UInt8](try run("ffmpeg", raw))
        // Where one line differs from both its neighbours much, there is a comb.
        let combs = (40..<140).reduce(0) { count, y in
            count
                + (0..<320).count { x in
                    let (above, own, below) = (
                        Int(bytes[(y - 1) * 320 + x]), Int(bytes[y * 320 + x]), Int(bytes[(y + 1) * 320 + x])
                    )
                    return abs(own - above) > 100 && abs(own - below) > 100
                }
        }
        #expect(combs < 100, "\(combs)")
    }
}
