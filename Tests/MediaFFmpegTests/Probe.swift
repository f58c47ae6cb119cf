import Foundation
import Testing

/// What ffprobe finds in a file.
struct Probe: Decodable {
    struct Stream: Decodable {
        let codecName: String
        let profile: String?
        let pixFmt: String?
        let width: Int?
        let height: Int?
        let sampleAspectRatio: String?
        let sampleRate: String?
        let channels: Int?
        let nbReadFrames: String?
    }

    struct Packet: Decodable {
        let ptsTime: String
        let flags: String

        var time: Double { Double(ptsTime) ?? .nan }
        var isKeyframe: Bool { flags.hasPrefix("K") }
    }

    let streams: [Stream]
    let packets: [Packet]

    init(_ path: String) throws {
        let shown = ["-show_streams", "-count_frames", "-show_packets", "-of", "json"]
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Self.self, from: run("ffprobe", ["-v", "error"] + shown + [path]))
    }

    /// Decodes everything; whatever the decoder complains about fails the test.
    static func decode(_ path: String) throws {
        try run("ffmpeg", ["-v", "warning", "-nostdin", "-i", path, "-f", "null", "-"])
    }
}
