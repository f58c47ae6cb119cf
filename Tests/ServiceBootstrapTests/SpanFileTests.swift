import CoreMetrics
import Foundation
import Logging
import ServiceBootstrap
import Testing
import Tracing

final class SpanFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    private let registry = PrometheusRegistry()
    private let origin = ServiceLogHandler.Origin(service: "sample", version: "9.9", instance: "i-1")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private var path: String { folder.appending(path: "traces.jsonl").path }

    private func file(_ path: String, linger: Double = 0.1) throws -> SpanFile {
        try withMetricsFactory(registry) {
            let logger = Logger(label: "unit") { _ in SwiftLogNoOpLogHandler() }
            return try SpanFile(path: path, origin: origin, linger: linger, logger: logger)
        }
    }

    private func count(_ name: String) throws -> Double? { try Exposition(registry.exposition()).value(name) }

    /// The lines of the file as a reader of OTLP/JSON would see them.
    private func lines(_ path: String) throws -> [[String: Any]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    private func spans(_ line: [String: Any]) throws -> [[String: Any]] {
        let resource = try #require((line["resourceSpans"] as? [[String: Any]])?.first)
        let scope = try #require((resource["scopeSpans"] as? [[String: Any]])?.first)
        return try #require(scope["spans"] as? [[String: Any]])
    }

    /// A list of attributes by name, each as its one member in JSON.
    private func attributes(_ list: Any?) throws -> [String: String] {
        let list = try #require(list as? [[String: Any]])
        return try Dictionary(
            uniqueKeysWithValues: list.map { entry in
                let value = try #require(entry["value"] as? [String: Any])
                return (try #require(entry["key"] as? String), try text(value))
            }
        )
    }

    private func text(_ object: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }

    @Test func `a span is written as OTLP spells it`() throws {
        let file = try file(path)
        let tracer = ServiceTracer(exporter: file)
        let other = tracer.startSpan("other")
        let root = tracer.startSpan("root \"1\"\n", ofKind: .consumer)
        let child = tracer.startSpan("child", context: root.context, ofKind: .client)
        child.attributes = ["text": "a", "whole": 7, "half": 0.5, "flag": true, "list": .stringArray(["x", "y"])]
        child.attributes["endless"] = Double.infinity
        child.addEvent(SpanEvent(name: "happened", attributes: ["n": 1]))
        child.addLink(SpanLink(context: other.context, attributes: ["why": "because"]))
        child.setStatus(SpanStatus(code: .error, message: "it broke"))
        child.end()
        root.end()
        tracer.forceFlush()

        let line = try #require(try lines(path).first)
        let resource = (line["resourceSpans"] as? [[String: Any]])?.first?["resource"] as? [String: Any]
        #expect(try attributes(resource?["attributes"])["service.name"] == #"{"stringValue":"sample"}"#)
        #expect(try attributes(resource?["attributes"])["service.instance.id"] == #"{"stringValue":"i-1"}"#)
        let written = try spans(line)
        let (first, second) = (written[0], written[1])
        #expect(first["name"] as? String == "child" && second["name"] as? String == "root \"1\"\n")
        #expect([first["kind"] as? Int, second["kind"] as? Int] == [3, 5])
        #expect((first["traceId"] as? String)?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
        #expect((first["spanId"] as? String)?.wholeMatch(of: /[0-9a-f]{16}/) != nil)
        #expect(first["traceId"] as? String == second["traceId"] as? String)
        #expect(first["parentSpanId"] as? String == second["spanId"] as? String)
        #expect(second["parentSpanId"] == nil && second["status"] == nil)
        #expect(first["flags"] as? Int == 0x101)
        let start = try #require((first["startTimeUnixNano"] as? String).flatMap { UInt64($0) })
        let end = try #require((first["endTimeUnixNano"] as? String).flatMap { UInt64($0) })
        #expect(start <= end && start > 1_700_000_000_000_000_000)
        let status = try #require(first["status"] as? [String: Any])
        #expect(try text(status) == #"{"code":2,"message":"it broke"}"#)
        let facts = try attributes(first["attributes"])
        #expect(
            facts == [
                "text": #"{"stringValue":"a"}"#, "whole": #"{"intValue":"7"}"#, "half": #"{"doubleValue":0.5}"#,
                "flag": #"{"boolValue":true}"#, "endless": #"{"doubleValue":"Infinity"}"#,
                "list": #"{"arrayValue":{"values":[{"stringValue":"x"},{"stringValue":"y"}]}}"#,
            ]
        )
        let event = try #require((first["events"] as? [[String: Any]])?.first)
        #expect(event["name"] as? String == "happened" && event["timeUnixNano"] is String)
        let link = try #require((first["links"] as? [[String: Any]])?.first)
        #expect(link["spanId"] as? String == other.context.span?.spanID.description)
        #expect(try count("tracing_spans_written_total") == 2)
    }

    @Test func `long texts and many attributes are cut`() throws {
        let tracer = ServiceTracer(exporter: try file(path))
        let span = tracer.startSpan("s")
        for number in 0..<130 { span.attributes["a\(1000 + number)"] = number }
        span.attributes["a0"] = String(repeating: "x", count: 5000)
        span.end()
        tracer.forceFlush()
        let written = try #require(try spans(try lines(path)[0]).first)
        let facts = try attributes(written["attributes"])
        #expect(facts.count == 128 && written["droppedAttributesCount"] as? Int == 3)
        let cut = String(repeating: "x", count: 1024)
        #expect(facts["a0"] == "{\"stringValue\":\"\(cut)\"}")
    }

    @Test func `what comes while too much waits is dropped and counted`() throws {
        // Nothing is written before it is asked for.
        let tracer = ServiceTracer(exporter: try file(path, linger: 3600))
        for number in 0..<SpanFile.capacity + 100 { tracer.startSpan("s\(number)").end() }
        #expect(try count("tracing_spans_dropped_total") == 100)
        tracer.forceFlush()
        // The first ones stay, in order.
        let names = try lines(path).flatMap(spans).compactMap { $0["name"] as? String }
        #expect(names == (0..<SpanFile.capacity).map { "s\($0)" })
        #expect(try count("tracing_spans_written_total") == Double(SpanFile.capacity))
    }

    @Test func `a file that is moved away is made anew`() throws {
        let tracer = ServiceTracer(exporter: try file(path))
        tracer.startSpan("before").end()
        tracer.forceFlush()
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        tracer.startSpan("after").end()
        tracer.forceFlush()
        #expect(try lines(path + ".1").flatMap(spans).count == 1)
        #expect(try lines(path).flatMap(spans).first?["name"] as? String == "after")
    }

    @Test func `a disk that is full costs spans and nothing else`() throws {
        let tracer = ServiceTracer(exporter: try file("/dev/full"))
        tracer.startSpan("lost").end()
        tracer.forceFlush()
        #expect(try count("tracing_spans_dropped_total") == 1)
        #expect(try count("tracing_spans_written_total") == 0)
    }

    @Test func `a file that cannot be made is named`() {
        let error = #expect(throws: StartError.self) { try file("/no/such/folder/traces.jsonl") }
        #expect(
            error?.description
                == "TRACES_FILE: cannot write \"/no/such/folder/traces.jsonl\": No such file or directory"
        )
    }
}
