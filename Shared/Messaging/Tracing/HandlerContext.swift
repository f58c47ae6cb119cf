import EventSchema
import Tracing

/// What the current task says of itself, for the part of its work that is done on a thread of somebody else's.
struct HandlerContext: Sendable {
    private let span = InstrumentationContext.current
    private let event = CurrentEvent.id

    /// Runs `body` with the span and the event of the task that made this: its log lines tell both.
    func run<Value>(_ body: () throws -> Value) rethrows -> Value {
        try InstrumentationContext.$current.withValue(span) {
            try CurrentEvent.$id.withValue(event) { try body() }
        }
    }
}
