package import Tracing

/// What of a span travels: its ids, whether it is recorded, and what other systems added.
package struct SpanContext: Sendable, Hashable {
    package let traceID: TraceID
    package let spanID: SpanID
    /// Whether whoever works on this trace should record it.
    package let isSampled: Bool
    package let traceState: String?
    /// Whether another process made it.
    let isRemote: Bool

    init(traceID: TraceID, spanID: SpanID, isSampled: Bool, traceState: String? = nil, isRemote: Bool = false) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.traceState = traceState
        self.isRemote = isRemote
    }

    /// What a message or a request brought; `nil` if that is no context.
    init?(traceParent: String, traceState: String?) {
        guard let parent = TraceParent(traceParent) else { return nil }
        self.init(
            traceID: parent.traceID,
            spanID: parent.spanID,
            isSampled: parent.isSampled,
            traceState: traceState.flatMap(TraceState.accepted),
            isRemote: true
        )
    }

    /// A span below this one.
    func child(_ spanID: SpanID) -> SpanContext {
        SpanContext(traceID: traceID, spanID: spanID, isSampled: isSampled, traceState: traceState)
    }

    package var traceParent: TraceParent { TraceParent(traceID: traceID, spanID: spanID, isSampled: isSampled) }
}

private enum SpanContextKey: InstrumentationContextKey {
    typealias Value = SpanContext
    static var nameOverride: String? { "span" }
}

extension InstrumentationContext {
    /// The span that the task is in.
    package var span: SpanContext? {
        get { self[SpanContextKey.self] }
        set { self[SpanContextKey.self] = newValue }
    }
}
