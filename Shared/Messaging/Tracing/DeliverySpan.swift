import EventSchema
import Tracing

/// Runs `body`, which handles and settles `delivery`, in a span `process QUEUE` of the trace that the message belongs to; a
/// message without one begins a trace.
///
/// Log lines in `body` carry the message's id as the event's. Where nothing is traced that is all this does.
package func withDeliverySpan(_ delivery: Delivery, _ body: () async -> Settlement) async {
    guard !(InstrumentationSystem.instrument is NoOpInstrument) else {
        _ = await CurrentEvent.$id.withValue(delivery.message.messageID) { await body() }
        return
    }
    let parent = TraceContext(of: delivery.message).parent
    let span = startSpan("process \(delivery.queue)", context: parent, ofKind: .consumer)
    if span.isRecording { span.attributes = delivery.spanAttributes }
    let settlement = await InstrumentationContext.$current.withValue(span.context) {
        await CurrentEvent.$id.withValue(delivery.message.messageID) { await body() }
    }
    if span.isRecording { span.note(settlement) }
    span.end()
}

extension Delivery {
    /// OpenTelemetry's conventions for messaging, and what they have no word for.
    fileprivate var spanAttributes: SpanAttributes {
        var attributes: SpanAttributes = [
            "messaging.system": "rabbitmq", "messaging.operation.name": "process",
            "messaging.operation.type": "process", "messaging.destination.name": .string(queue),
            "messaging.rabbitmq.destination.routing_key": .string(source.routingKey),
            "messaging.message.body.size": .int(Int64(message.body.count)), "messaging.attempt": .int(Int64(attempt)),
        ]
        if let id = message.messageID { attributes["messaging.message.id"] = id }
        if let type = message.type { attributes["messaging.event_type"] = type }
        if redelivered { attributes["messaging.redelivered"] = true }
        return attributes
    }
}

extension Span {
    /// How a delivery was settled; whatever is not done is an error.
    fileprivate func note(_ settlement: Settlement) {
        switch settlement {
        case .acknowledge: attributes["messaging.settlement"] = "acknowledge"
        case .release: attributes["messaging.settlement"] = "release"
        case .retry(_, let reason):
            attributes["messaging.settlement"] = "retry"
            setStatus(SpanStatus(code: .error, message: reason))
        case .park(let reason):
            attributes["messaging.settlement"] = "park"
            setStatus(SpanStatus(code: .error, message: reason))
        }
    }
}
