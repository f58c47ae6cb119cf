package import Tracing

/// A span of ``ServiceTracer``; one that is not recorded only carries its ids.
package struct ServiceSpan: Span {
    package let context: InstrumentationContext
    private let recorder: SpanRecorder?

    init(context: InstrumentationContext, recorder: SpanRecorder?) {
        self.context = context
        self.recorder = recorder
    }

    package var isRecording: Bool { recorder != nil }

    package var operationName: String {
        get { recorder?.facts.name ?? "" }
        nonmutating set { recorder?.note { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { recorder?.facts.attributes ?? [:] }
        nonmutating set { recorder?.note { $0.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) { recorder?.note { $0.status = status } }

    package func addEvent(_ event: SpanEvent) { recorder?.note { $0.add(event) } }

    package func addLink(_ link: SpanLink) { recorder?.note { $0.add(link) } }

    /// Notes an event `exception`, as OpenTelemetry's conventions have it.
    package func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        guard let recorder else { return }
        var attributes = attributes
        attributes["exception.type"] = String(reflecting: type(of: error))
        attributes["exception.message"] = "\(error)"
        let event = SpanEvent(name: "exception", at: instant(), attributes: attributes)
        recorder.note { $0.add(event) }
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        recorder?.end(at: instant().nanosecondsSinceEpoch)
    }
}
