import EventSchema
package import Logging
import Tracing

extension Logger.MetadataProvider {
    /// Which trace and which event the current task works on, in every line that it logs.
    package static let current = Logger.MetadataProvider {
        var facts = InstrumentationContext.current?.span?.logMetadata ?? [:]
        if let event = CurrentEvent.id { facts["event_id"] = "\(event)" }
        return facts
    }
}

extension SpanContext {
    /// The ids as OpenTelemetry wants them in log lines.
    package var logMetadata: Logger.Metadata { ["trace_id": "\(traceID)", "span_id": "\(spanID)"] }
}
