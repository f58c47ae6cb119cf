import ServiceBootstrap
import Testing
import Tracing

/// W3C Trace Context, Level 1, as `ServiceTracer` reads and writes it.
struct TraceContextTests {
    private static let traceID = "0af7651916cd43dd8448eb211c80319c"
    private static let spanID = "b7ad6b7169203331"

    private struct Headers: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into headers: inout [String: String]) { headers[key] = value }
        func extract(key: String, from headers: [String: String]) -> String? { headers[key] }
    }

    private func extracted(_ headers: [String: String]) -> SpanContext? {
        var context = InstrumentationContext.topLevel
        ServiceTracer().extract(headers, into: &context, using: Headers())
        return context.span
    }

    @Test(arguments: [
        ("00-\(traceID)-\(spanID)-01", true), ("00-\(traceID)-\(spanID)-00", false),
        // Flags that version 00 does not define say nothing.
        ("00-\(traceID)-\(spanID)-ff", true), ("00-\(traceID)-\(spanID)-08", false),
        // A later version may append, behind a dash.
        ("cc-\(traceID)-\(spanID)-01", true), ("01-\(traceID)-\(spanID)-01-what-comes-later", true),
        ("fe-\(traceID)-\(spanID)-02", false),
    ])
    func `a traceparent is read`(text: String, isSampled: Bool) throws {
        let read = try #require(TraceParent(text))
        #expect(read.traceID.description == Self.traceID)
        #expect(read.spanID.description == Self.spanID)
        #expect(read.isSampled == isSampled)
        #expect(read.description == "00-\(Self.traceID)-\(Self.spanID)-0\(isSampled ? 1 : 0)")
    }

    @Test(arguments: [
        "", "00", "00-\(traceID)-\(spanID)", "00-\(traceID)-\(spanID)-", "00-\(traceID)-\(spanID)-1",
        "00-\(traceID)-\(spanID)-01-", "00-\(traceID)-\(spanID)-01-more", "00-\(traceID)-\(spanID)-01.",
        "00-\(traceID)-\(spanID)-0x", " 00-\(traceID)-\(spanID)-01", "00-\(traceID)-\(spanID)-01 ",
        "ff-\(traceID)-\(spanID)-01", "0-\(traceID)-\(spanID)-01", "FE-\(traceID)-\(spanID)-01",
        "01-\(traceID)-\(spanID)-01more", "01-\(traceID)-\(spanID)-01." + String(repeating: "x", count: 9),
        "00-00000000000000000000000000000000-\(spanID)-01", "00-\(traceID)-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-\(spanID)-01", "00-\(traceID)-B7AD6B7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319-\(spanID)-010", "00_\(traceID)_\(spanID)_01", "00-\(traceID)\(spanID)--01",
        "00-0af7651916cd43dd8448eb211c80319g-\(spanID)-01", "00-０af7651916cd43dd8448eb211c80319c-\(spanID)-01",
        "01-\(traceID)-\(spanID)-01-" + String(repeating: "x", count: 500),
    ])
    func `a traceparent that Level 1 does not allow is as good as none`(text: String) {
        #expect(TraceParent(text) == nil)
        #expect(extracted(["traceparent": text, "tracestate": "a=1"]) == nil)
    }

    @Test(arguments: [
        "rojo=00f067aa0ba902b7", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7", "fw529a3039@dt=FfAA;x:y z~!",
        "a=1, b=2,\tc=3",
        "a=1,,b=2", (1...32).map { "k\($0)=v" }.joined(separator: ","),
        "long=" + String(repeating: "x", count: 256) + ",more=" + String(repeating: "y", count: 244),
    ])
    func `a tracestate is handed on as it came`(state: String) throws {
        let headers = ["traceparent": "00-\(Self.traceID)-\(Self.spanID)-01", "tracestate": state]
        let span = try #require(extracted(headers))
        #expect(span.traceState == state)
        var context = InstrumentationContext.topLevel
        context.span = span
        var written: [String: String] = [:]
        ServiceTracer().inject(context, into: &written, using: Headers())
        #expect(written == headers)
    }

    @Test(arguments: [
        "", "a", "=1", "a=", "A=1", "a=1=2", "a=\u{e9}", "a=1\r\nx-evil: 1", "a=\u{0}", "a b=1", ",",
        (1...33).map { "k\($0)=v" }.joined(separator: ","), "a=" + String(repeating: "x", count: 257),
        (1...4).map { "k\($0)=" + String(repeating: "x", count: 140) }.joined(separator: ","),
    ])
    func `a tracestate that may not be handed on is left behind, and the trace goes on`(state: String) throws {
        let span = extracted(["traceparent": "00-\(Self.traceID)-\(Self.spanID)-01", "tracestate": state])
        #expect(try #require(span).traceState == nil)
    }

    @Test func `nothing is written where there is no span`() {
        var written: [String: String] = [:]
        ServiceTracer().inject(.topLevel, into: &written, using: Headers())
        #expect(written.isEmpty)
    }
}
