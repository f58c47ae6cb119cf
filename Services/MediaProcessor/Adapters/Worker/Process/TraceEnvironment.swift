package import Tracing

/// The trace of a job in its process's environment: `TRACEPARENT` and `TRACESTATE`, which OpenTelemetry's tools read, too.
package enum TraceEnvironment {
    /// What a child of the current task is started with; empty where nothing is traced.
    static var current: [String: String] {
        var environment: [String: String] = [:]
        guard let context = InstrumentationContext.current else { return environment }
        InstrumentationSystem.instrument.inject(context, into: &environment, using: Carrier())
        return environment
    }

    /// What a child was started with, read by `instrument`.
    package static func context(
        in environment: [String: String],
        read instrument: any Instrument
    ) -> InstrumentationContext {
        var context = InstrumentationContext.topLevel
        instrument.extract(environment, into: &context, using: Carrier())
        return context
    }

    private struct Carrier: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into environment: inout [String: String]) {
            environment[key.uppercased()] = value
        }

        func extract(key: String, from environment: [String: String]) -> String? { environment[key.uppercased()] }
    }
}
