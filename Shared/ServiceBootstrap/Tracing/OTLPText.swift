import Tracing

/// Spells spans as OTLP/JSON: one line is one `TracesData`, as OpenTelemetry's file exporter writes and the Collector's
/// `otlpjsonfile` receiver reads it.
///
/// Ids are hexadecimal, 64-bit numbers are strings, enumerations are numbers (opentelemetry.io, "JSON Protobuf Encoding").
struct OTLPText {
    /// Characters of a text that are kept.
    private static let longestText = 1024
    /// OpenTelemetry's default for attributes of a span, an event or a link.
    private static let mostAttributes = 128

    private let origin: ServiceLogHandler.Origin

    init(origin: ServiceLogHandler.Origin) {
        self.origin = origin
    }

    /// `spans` with who made them, ending in a line feed.
    func line(_ spans: some Collection<FinishedSpan>) -> [UInt8] {
        var json = JSONText(capacity: 512 + spans.count * 1024)
        json.object {
            $0.array("resourceSpans") {
                $0.object {
                    $0.object("resource") { Self.write(resource, to: &$0) }
                    $0.array("scopeSpans") {
                        $0.object {
                            $0.object("scope") {
                                $0.member("name", "martlet")
                                $0.member("version", origin.version)
                            }
                            $0.array("spans") { for span in spans { Self.write(span, to: &$0) } }
                        }
                    }
                }
            }
        }
        json.newline()
        return json.bytes
    }

    private var resource: SpanAttributes {
        [
            "service.namespace": "martlet", "service.name": .string(origin.service),
            "service.version": .string(origin.version), "service.instance.id": .string(origin.instance),
        ]
    }

    // MARK: Spans

    private static func write(_ span: FinishedSpan, to json: inout JSONText) {
        json.object {
            $0.member("traceId", span.context.traceID.description)
            $0.member("spanId", span.context.spanID.description)
            if let state = span.context.traceState { $0.member("traceState", state) }
            if let parent = span.parent { $0.member("parentSpanId", parent.spanID.description) }
            $0.member("flags", number: flags(of: span.context, parent: span.parent))
            $0.member("name", cut(span.facts.name))
            $0.member("kind", number: number(of: span.kind))
            $0.member("startTimeUnixNano", String(span.start))
            $0.member("endTimeUnixNano", String(span.end))
            write(span.facts.attributes, to: &$0)
            write(span.facts.events, dropped: span.facts.droppedEvents, to: &$0)
            write(span.facts.links, dropped: span.facts.droppedLinks, to: &$0)
            if let status = span.facts.status { write(status, to: &$0) }
        }
    }

    /// The flags of Trace Context, and above them what is known of the parent (`SpanFlags` in trace.proto).
    private static func flags(of span: SpanContext, parent: SpanContext?) -> Int {
        (span.isSampled ? 1 : 0) | 0x100 | (parent?.isRemote == true ? 0x200 : 0)
    }

    private static func number(of kind: SpanKind) -> Int {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func write(_ status: SpanStatus, to json: inout JSONText) {
        json.object("status") {
            if let message = status.message { $0.member("message", cut(message)) }
            $0.member("code", number: status.code == .ok ? 1 : 2)
        }
    }

    private static func write(_ events: [SpanEvent], dropped: Int, to json: inout JSONText) {
        guard !events.isEmpty else { return }
        json.array("events") {
            for event in events {
                $0.object {
                    $0.member("timeUnixNano", String(event.nanosecondsSinceEpoch))
                    $0.member("name", cut(event.name))
                    write(event.attributes, to: &$0)
                }
            }
        }
        if dropped > 0 { json.member("droppedEventsCount", number: dropped) }
    }

    private static func write(_ links: [SpanLink], dropped: Int, to json: inout JSONText) {
        guard !links.isEmpty else { return }
        json.array("links") {
            // A link to what is no span of ours leads nowhere.
            for link in links {
                guard let span = link.context.span else { continue }
                $0.object {
                    $0.member("traceId", span.traceID.description)
                    $0.member("spanId", span.spanID.description)
                    if let state = span.traceState { $0.member("traceState", state) }
                    write(link.attributes, to: &$0)
                }
            }
        }
        if dropped > 0 { json.member("droppedLinksCount", number: dropped) }
    }

    // MARK: Attributes

    private static func write(_ attributes: SpanAttributes, to json: inout JSONText) {
        guard !attributes.isEmpty else { return }
        var all: [(name: String, value: SpanAttribute)] = []
        // It is no sequence, only looks like one.
        // swift-format-ignore: ReplaceForEachWithForLoop
        attributes.forEach { all.append(($0, $1)) }
        all.sort { $0.name < $1.name }
        json.array("attributes") {
            for (name, value) in all.prefix(mostAttributes) {
                $0.object {
                    $0.member("key", cut(name))
                    $0.object("value") { write(value, to: &$0) }
                }
            }
        }
        if all.count > mostAttributes { json.member("droppedAttributesCount", number: all.count - mostAttributes) }
    }

    /// The one member of an `AnyValue`.
    private static func write(_ value: SpanAttribute, to json: inout JSONText) {
        switch value {
        case .string(let text): json.member("stringValue", cut(text))
        case .bool(let flag): json.member("boolValue", literal: flag ? "true" : "false")
        case .int32(let number): json.member("intValue", String(number))
        case .int64(let number): json.member("intValue", String(number))
        case .double(let number): write(number, to: &json)
        case .stringConvertible(let value): json.member("stringValue", cut("\(value)"))
        case .stringArray(let values): write(values.map(SpanAttribute.string), to: &json)
        case .boolArray(let values): write(values.map(SpanAttribute.bool), to: &json)
        case .int32Array(let values): write(values.map(SpanAttribute.int32), to: &json)
        case .int64Array(let values): write(values.map(SpanAttribute.int64), to: &json)
        case .doubleArray(let values): write(values.map(SpanAttribute.double), to: &json)
        case .stringConvertibleArray(let values): write(values.map(SpanAttribute.stringConvertible), to: &json)
        default: json.member("stringValue", "")
        }
    }

    /// JSON has no word for what is not finite; protobuf's JSON spells it as a string.
    private static func write(_ number: Double, to json: inout JSONText) {
        guard number.isFinite else {
            return json.member("doubleValue", number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        }
        json.member("doubleValue", literal: number.description)
    }

    private static func write(_ values: [SpanAttribute], to json: inout JSONText) {
        json.object("arrayValue") {
            $0.array("values") { for value in values.prefix(mostAttributes) { $0.object { write(value, to: &$0) } } }
        }
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= longestText ? text : String(text.prefix(longestText))
    }
}

extension JSONText {
    fileprivate mutating func object(_ name: String? = nil, _ members: (inout JSONText) -> Void) {
        if let name { key(name) }
        open()
        members(&self)
        close()
    }

    fileprivate mutating func array(_ name: String, _ values: (inout JSONText) -> Void) {
        key(name)
        open("[")
        values(&self)
        close("]")
    }

    fileprivate mutating func member(_ name: String, literal: String) {
        key(name)
        value(literal: literal)
    }

    fileprivate mutating func member(_ name: String, number: Int) { member(name, literal: String(number)) }
}
