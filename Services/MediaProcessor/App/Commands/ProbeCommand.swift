import ArgumentParser
import Foundation
import MediaDomain
import MediaWorker

/// Tells what a file holds.
struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Tells what a media file holds.",
        discussion: "Exit codes: 0 it is media, 1 it is not or cannot be read (one line says why), 64 wrong usage."
    )

    @Argument(help: "The file; https:// and s3:// addresses are read, too.")
    var input: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let transcoder = ProcessorCommand.transcoder()
        let bytes = try await CommandInput.open(input)
        let source = try await DedicatedThread.run(named: "probe") {
            Result { () throws(MediaError) in try transcoder.open(bytes).description }
        }
        .get()
        print(json ? try Self.json(source) : Self.text(source))
    }

    private static func json(_ source: SourceDescription) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(source), as: UTF8.self)
    }

    private static func text(_ source: SourceDescription) -> String {
        let duration = source.duration.map { "\($0.shown(2)) s" } ?? "unknown duration"
        var lines = ["container  \(source.container), \(duration), \(source.size) bytes"]
        if let video = source.video {
            let rate = video.frameRate.map { "\($0.shown(3)) fps" } ?? "unknown frame rate"
            let turned = video.rotation == 0 ? "" : ", turned by \(video.rotation)°"
            let shown = "\(video.displayWidth)x\(video.displayHeight)"
            let coded = "\(video.codedWidth)x\(video.codedHeight)"
            let size = shown == coded ? shown : "\(shown) (stored as \(coded))"
            lines.append("video      \(video.codec), \(size), \(rate), \(video.pixelFormat)\(turned)")
        }
        for audio in source.audio {
            let channels = "\(audio.channels) channel\(audio.channels == 1 ? "" : "s")"
            lines.append(
                "audio      \(audio.codec), \(audio.sampleRate) Hz, \(channels), language \(audio.language)\(Self.detail(audio))"
            )
        }
        for subtitles in source.subtitles {
            lines.append("subtitles  \(subtitles.codec), \(subtitles.role.rawValue), language \(subtitles.language)")
        }
        for stream in source.leftOut {
            lines.append("left out   \(stream.codec), language \(stream.language): \(stream.reason.rawValue)")
        }
        return lines.joined(separator: "\n")
    }

    private static func detail(_ audio: AudioStream) -> String {
        (audio.role == .main ? "" : ", \(audio.role.rawValue)") + (audio.title.map { ", '\($0)'" } ?? "")
    }
}
