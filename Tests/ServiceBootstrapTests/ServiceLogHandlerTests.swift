import Foundation
import Logging
import Synchronization
import Testing

@testable import ServiceBootstrap

struct ServiceLogHandlerTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var sink: LogSink {
            LogSink { line in self.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        }
        var all: [String] { lines.withLock { $0 } }
    }

    private func logger(_ lines: Lines, _ format: LogFormat, level: Logger.Level = .info) -> Logger {
        Logger(label: "unit") { label in
            ServiceLogHandler(
                label: label,
                level: level,
                format: format,
                origin: ServiceLogHandler.Origin(service: "sample", version: "9.9", instance: "i-1"),
                sink: lines.sink
            )
        }
    }

    private func object(_ line: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func `a JSON line identifies the process and carries the facts flat`() throws {
        let lines = Lines()
        var logger = logger(lines, .json)
        logger[metadataKey: "session.id"] = "s-1"
        logger.notice("it happened", metadata: ["media": ["id": "m-1"], "rungs": ["720p", "480p"]])
        let line = try #require(lines.all.first)
        #expect(lines.all.count == 1 && line.hasSuffix("}\n"))
        let json = try object(line)
        #expect(json["level"] as? String == "notice")
        #expect(json["service"] as? String == "sample")
        #expect(json["version"] as? String == "9.9")
        #expect(json["instance"] as? String == "i-1")
        #expect(json["label"] as? String == "unit")
        #expect(json["message"] as? String == "it happened")
        #expect(json["session.id"] as? String == "s-1")
        #expect(json["media.id"] as? String == "m-1")
        #expect(json["rungs"] as? [String] == ["720p", "480p"])
        let time = try #require(json["ts"] as? String)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test func `hostile text stays inside its line`() throws {
        let text = "a\nb\"c\\d\u{1}\u{7F}é"
        let lines = Lines()
        logger(lines, .json).error("x", metadata: ["value": "\(text)"])
        logger(lines, .text).error("x", metadata: ["value": "\(text)"])
        #expect(lines.all.allSatisfy { $0.filter(\.isNewline).count == 1 })
        #expect(try object(lines.all[0])["value"] as? String == text)
    }

    @Test func `a fact may not shadow what identifies the line`() throws {
        let lines = Lines()
        logger(lines, .json).info("real", metadata: ["message": "forged"])
        let json = try object(lines.all[0])
        #expect(json["message"] as? String == "real")
        #expect(json["metadata.message"] as? String == "forged")
    }

    @Test func `less important messages are left out`() {
        let lines = Lines()
        let logger = logger(lines, .json, level: .warning)
        logger.info("no")
        logger.warning("yes")
        #expect(lines.all.count == 1)
    }

    @Test func `a text line is for people`() throws {
        let lines = Lines()
        logger(lines, .text).warning("slow", metadata: ["b": "2", "a": "1"])
        #expect(lines.all[0].hasSuffix("Z WARNING  sample slow a=1 b=2\n"))
    }

    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00.000Z"), (951_782_400, 7, "2000-02-29T00:00:00.007Z"),
        (1_709_251_199, 999, "2024-02-29T23:59:59.999Z"), (4_102_444_800, 0, "2100-01-01T00:00:00.000Z"),
    ])
    func `time is spelled after RFC 3339`(seconds: Int, milliseconds: Int, text: String) {
        #expect(LogTime.text(seconds: seconds, milliseconds: milliseconds) == text)
    }
}
