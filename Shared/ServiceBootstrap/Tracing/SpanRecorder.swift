import Synchronization
import Tracing

/// Notes what happens in a span that will be written.
final class SpanRecorder: Sendable {
    private struct State: Sendable {
        var facts: SpanFacts
        var hasEnded = false
    }

    private let context: SpanContext
    private let parent: SpanContext?
    private let kind: SpanKind
    private let start: UInt64
    private let exporter: any SpanExporter
    private let state: Mutex<State>

    init(
        name: String,
        context: SpanContext,
        parent: SpanContext?,
        kind: SpanKind,
        start: UInt64,
        exporter: any SpanExporter
    ) {
        self.context = context
        self.parent = parent
        self.kind = kind
        self.start = start
        self.exporter = exporter
        state = Mutex(State(facts: SpanFacts(name: name)))
    }

    var facts: SpanFacts { state.withLock(\.facts) }

    /// Changes what is noted; an ended span stays as it is.
    func note(_ change: (inout SpanFacts) -> Void) {
        state.withLock { state in
            guard !state.hasEnded else { return }
            change(&state.facts)
        }
    }

    /// Hands the span on; once.
    func end(at end: UInt64) {
        let facts = state.withLock { state -> SpanFacts? in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            return state.facts
        }
        guard let facts else { return }
        exporter.export(
            FinishedSpan(context: context, parent: parent, kind: kind, start: start, end: max(start, end), facts: facts)
        )
    }
}
