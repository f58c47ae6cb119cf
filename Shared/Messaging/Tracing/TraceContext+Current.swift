import EventSchema
import Tracing

extension TraceContext {
    /// The span that the current task is in; `nil` outside of spans, and where nothing is traced.
    ///
    /// For what is written down now and published later, by somebody else.
    package static var current: TraceContext? {
        InstrumentationContext.current.flatMap { TraceContext(of: $0) }
    }

    init?(of context: InstrumentationContext) {
        self.init()
        InstrumentationSystem.instrument.inject(context, into: &self, using: Carrier())
        guard traceParent != nil else { return nil }
    }

    /// What a span of work on this belongs to.
    var parent: InstrumentationContext {
        var context = InstrumentationContext.topLevel
        InstrumentationSystem.instrument.extract(self, into: &context, using: Carrier())
        return context
    }

    private struct Carrier: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into context: inout TraceContext) {
            switch key {
            case MessageHeader.traceParent: context.traceParent = value
            case MessageHeader.traceState: context.traceState = value
            default: break
            }
        }

        func extract(key: String, from context: TraceContext) -> String? {
            switch key {
            case MessageHeader.traceParent: context.traceParent
            case MessageHeader.traceState: context.traceState
            default: nil
            }
        }
    }
}

extension Message {
    /// The message with the span of `context` as its cause, in place of the one it has; as it is if that is no span.
    func traced(in context: InstrumentationContext) -> Message {
        guard let trace = TraceContext(of: context) else { return self }
        var message = self
        message.headers[MessageHeader.traceParent] = trace.traceParent.map { .string($0) }
        message.headers[MessageHeader.traceState] = trace.traceState.map { .string($0) }
        return message
    }
}
