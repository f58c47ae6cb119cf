import EventSchema
package import Foundation
import Tracing

/// Runs `body`, which works on what an event left behind, in a span `name` of the trace that the event belonged to.
///
/// Log lines in `body` carry the event's id. Where nothing is traced that is all this does.
///
/// - Parameter failure: What of a result is an error, in words.
package func withWorkSpan<Result: Sendable>(
    _ name: String,
    of event: UUID,
    trace: TraceContext,
    failure: (Result) -> String? = { _ in nil },
    _ body: () async -> Result
) async -> Result {
    guard !(InstrumentationSystem.instrument is NoOpInstrument) else {
        return await CurrentEvent.$id.withValue(event.lowercased) { await body() }
    }
    let span = startSpan(name, context: trace.parent, ofKind: .internal)
    let result = await InstrumentationContext.$current.withValue(span.context) {
        await CurrentEvent.$id.withValue(event.lowercased) { await body() }
    }
    if let problem = failure(result) { span.setStatus(SpanStatus(code: .error, message: problem)) }
    span.end()
    return result
}
