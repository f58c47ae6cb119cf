package import Tracing

/// Follows work from process to process: W3C Trace Context on the wire, spans to an exporter.
///
/// A trace that began elsewhere is recorded if its `traceparent` says so; one that begins here by chance. Without an exporter
/// nothing is recorded and traces that begin here say so, but each span still has its ids, for log lines and for those after
/// us.
package struct ServiceTracer: Tracer {
    private let exporter: (any SpanExporter)?
    private let sampler: TraceSampler
    private let identifiers = IdentifierSource()

    /// - Parameter ratio: The share of the traces beginning here that is recorded, from 0 to 1.
    package init(exporter: (any SpanExporter)? = nil, ratio: Double = 1) {
        self.exporter = exporter
        sampler = TraceSampler(ratio: exporter == nil ? 0 : ratio)
    }

    // MARK: Spans

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> ServiceSpan {
        var context = context()
        let parent = context.span
        let own = parent?.child(identifiers.spanID()) ?? root()
        context.span = own
        guard own.isSampled, let exporter else { return ServiceSpan(context: context, recorder: nil) }
        let recorder = SpanRecorder(
            name: operationName,
            context: own,
            parent: parent,
            kind: kind,
            start: instant().nanosecondsSinceEpoch,
            exporter: exporter
        )
        return ServiceSpan(context: context, recorder: recorder)
    }

    private func root() -> SpanContext {
        let traceID = identifiers.traceID()
        return SpanContext(traceID: traceID, spanID: identifiers.spanID(), isSampled: sampler.samples(traceID))
    }

    /// Brings out what has ended so far, within seconds or not at all.
    package func forceFlush() { exporter?.flush() }

    // MARK: Propagation

    private static let traceParent = "traceparent"
    private static let traceState = "tracestate"

    /// Takes the context that `carrier` brings; one that Level 1 does not allow is as good as none.
    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let parent = extractor.extract(key: Self.traceParent, from: carrier) else { return }
        let state = extractor.extract(key: Self.traceState, from: carrier)
        guard let span = SpanContext(traceParent: parent, traceState: state) else { return }
        context.span = span
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.span else { return }
        injector.inject(span.traceParent.description, forKey: Self.traceParent, into: &carrier)
        if let state = span.traceState { injector.inject(state, forKey: Self.traceState, into: &carrier) }
    }
}
