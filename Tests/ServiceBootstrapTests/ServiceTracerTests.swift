import EventSchema
import Foundation
import Logging
import ServiceBootstrap
import Synchronization
import Testing
import Tracing

/// Keeps what it is given.
final class SpanBox: SpanExporter {
    private let spans = Mutex<[FinishedSpan]>([])
    var all: [FinishedSpan] { spans.withLock { $0 } }
    func export(_ span: FinishedSpan) { spans.withLock { $0.append(span) } }
    func flush() {}
}

struct ServiceTracerTests {
    private let box = SpanBox()

    private func remote(isSampled: Bool) -> InstrumentationContext {
        struct Header: Extractor {
            func extract(key: String, from header: String) -> String? { key == "traceparent" ? header : nil }
        }
        var context = InstrumentationContext.topLevel
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\(isSampled ? 1 : 0)"
        ServiceTracer().extract(header, into: &context, using: Header())
        return context
    }

    @Test func `a span below another is of its trace`() throws {
        let tracer = ServiceTracer(exporter: box)
        tracer.withSpan("outer") { outer in
            tracer.withSpan("inner", ofKind: .client) { _ in }
            outer.attributes["n"] = 1
        }
        let (inner, outer) = (box.all[0], box.all[1])
        #expect([inner.facts.name, outer.facts.name] == ["inner", "outer"])
        #expect(inner.context.traceID == outer.context.traceID)
        #expect(inner.context.spanID != outer.context.spanID)
        #expect(inner.parent == outer.context)
        #expect(outer.parent == nil)
        #expect(outer.facts.attributes["n"]?.toSpanAttribute() == 1)
        #expect(inner.start >= outer.start && inner.end <= outer.end)
    }

    @Test func `a trace from elsewhere is recorded if its sender says so, whatever the ratio`() {
        let never = ServiceTracer(exporter: box, ratio: 0)
        never.withSpan("recorded", context: remote(isSampled: true)) { #expect($0.isRecording) }
        let always = ServiceTracer(exporter: box, ratio: 1)
        always.withSpan("not recorded", context: remote(isSampled: false)) { span in
            #expect(!span.isRecording)
            #expect(span.context.span?.isSampled == false)
        }
        #expect(box.all.map(\.facts.name) == ["recorded"])
        #expect(box.all[0].context.traceID.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(box.all[0].parent?.spanID.description == "b7ad6b7169203331")
    }

    @Test func `the ratio decides for traces that begin here`() {
        let tracer = ServiceTracer(exporter: box, ratio: 0.25)
        for _ in 0..<4000 { tracer.withSpan("root", context: .topLevel) { _ in } }
        // Six standard deviations to both sides.
        #expect((835...1165).contains(box.all.count))
        #expect(box.all.allSatisfy { $0.context.isSampled })
    }

    @Test func `without a file the context flows and nothing is recorded`() {
        let tracer = ServiceTracer()
        tracer.withSpan("root", context: .topLevel) { root in
            #expect(!root.isRecording && root.context.span?.isSampled == false)
            tracer.withSpan("below") { #expect($0.context.span?.traceID == root.context.span?.traceID) }
        }
        tracer.withSpan("remote", context: remote(isSampled: true)) { span in
            #expect(!span.isRecording && span.context.span?.isSampled == true)
        }
    }

    @Test func `ids do not repeat`() {
        let tracer = ServiceTracer()
        let spans = (0..<10_000).compactMap { _ in tracer.startSpan("s", context: .topLevel).context.span }
        #expect(Set(spans.map(\.traceID)).count == 10_000)
        #expect(Set(spans.map(\.spanID)).count == 10_000)
    }

    @Test func `an error that leaves a span is noted, and ends it`() {
        struct Broken: Error {}
        let tracer = ServiceTracer(exporter: box)
        #expect(throws: Broken.self) { try tracer.withSpan("s") { _ in throw Broken() } }
        let facts = box.all[0].facts
        #expect(facts.status?.code == .error)
        #expect(facts.events.map(\.name) == ["exception"])
        #expect(facts.events[0].attributes["exception.type"]?.toSpanAttribute() != nil)
    }

    @Test func `an ended span stays as it is, and is told once`() {
        let span = ServiceTracer(exporter: box).startSpan("s")
        span.end()
        span.attributes["late"] = true
        span.end()
        #expect(box.all.count == 1)
        #expect(span.attributes.isEmpty)
    }

    @Test func `events and links are bounded`() {
        let span = ServiceTracer(exporter: box).startSpan("s")
        for number in 0..<200 {
            span.addEvent(SpanEvent(name: "e\(number)"))
            span.addLink(SpanLink(context: remote(isSampled: true), attributes: [:]))
        }
        span.end()
        let facts = box.all[0].facts
        #expect(facts.events.count == 128 && facts.droppedEvents == 72)
        #expect(facts.links.count == 128 && facts.droppedLinks == 72)
        #expect(facts.events[0].name == "e0")
    }

    // MARK: Log lines

    @Test func `log lines carry the ids of the span and of the event`() throws {
        let lines = Mutex<[String]>([])
        let sink = LinesBox(lines)
        let logger = Logger(label: "unit") { label in
            var handler = ServiceLogHandler(
                label: label,
                level: .info,
                format: .json,
                origin: ServiceLogHandler.Origin(service: "sample", instance: "i-1"),
                sink: LogSink { line in sink.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
            )
            handler.metadataProvider = .current
            return handler
        }
        logger.info("outside")
        let ids = ServiceTracer().withSpan("s", context: remote(isSampled: false)) { span in
            CurrentEvent.$id.withValue("e-1") { logger.info("inside") }
            return span.context.span
        }
        let read = try sink.lines.withLock { $0 }.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(read[0]["trace_id"] == nil && read[0]["event_id"] == nil)
        #expect(read[1]["trace_id"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(read[1]["span_id"] as? String == ids?.spanID.description)
        #expect(read[1]["event_id"] as? String == "e-1")
    }

    private final class LinesBox: Sendable {
        let lines: Mutex<[String]>
        init(_ lines: consuming Mutex<[String]>) { self.lines = lines }
    }
}
