import Tracing

/// Publishes over `send` what a handler has to say: in a span `publish EXCHANGE`, which the message names as its cause; best
/// effort under the handler's own span.
///
/// What is published outside of spans, such as what waited in an outbox, goes as it is.
package func withPublishSpan(
    _ message: Message,
    to destination: Destination,
    _ guarantee: PublishGuarantee,
    _ send: (Message) async throws(MessagingError) -> Void
) async throws(MessagingError) {
    guard let context = InstrumentationContext.current, !(InstrumentationSystem.instrument is NoOpInstrument) else {
        return try await send(message)
    }
    guard guarantee == .confirmed else { return try await send(message.traced(in: context)) }
    let span = startSpan("publish \(destination.spanName)", context: context, ofKind: .producer)
    defer { span.end() }
    if span.isRecording { span.attributes = message.spanAttributes(publishedTo: destination) }
    do throws(MessagingError) {
        try await send(message.traced(in: span.context))
    } catch {
        span.attributes["error.type"] = "\(error.code)"
        span.setStatus(SpanStatus(code: .error, message: error.message))
        throw error
    }
}

extension Destination {
    /// The exchange; the default one leads to the queue of the key's name.
    fileprivate var spanName: String { exchange.isEmpty ? routingKey : exchange }
}

extension Message {
    /// OpenTelemetry's conventions for messaging.
    fileprivate func spanAttributes(publishedTo destination: Destination) -> SpanAttributes {
        var attributes: SpanAttributes = [
            "messaging.system": "rabbitmq", "messaging.operation.name": "publish", "messaging.operation.type": "send",
            "messaging.destination.name": .string(destination.spanName),
            "messaging.rabbitmq.destination.routing_key": .string(destination.routingKey),
            "messaging.message.body.size": .int(Int64(body.count)),
        ]
        if let messageID { attributes["messaging.message.id"] = messageID }
        if let type { attributes["messaging.event_type"] = type }
        return attributes
    }
}
