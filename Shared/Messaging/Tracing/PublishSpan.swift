import Tracing

/// Publishes over `send` what a handler has to say: in a span `publish EXCHANGE`, which the message names as its cause and
/// which ends with the outcome; best effort under the handler's own span.
///
/// What is published outside of spans, such as what waited in an outbox, goes as it is.
package func publishInSpan(
    _ message: Message,
    to destination: Destination,
    guarantee: PublishGuarantee,
    completion: @escaping MessagePublisher.Completion,
    over send: (Message, Destination, PublishGuarantee, @escaping MessagePublisher.Completion) -> Void
) {
    guard let context = InstrumentationContext.current, !(InstrumentationSystem.instrument is NoOpInstrument) else {
        return send(message, destination, guarantee, completion)
    }
    guard guarantee == .confirmed else {
        return send(message.traced(in: context), destination, guarantee, completion)
    }
    let span = startSpan("publish \(destination.spanName)", context: context, ofKind: .producer)
    if span.isRecording { span.attributes = message.spanAttributes(publishedTo: destination) }
    send(message.traced(in: span.context), destination, guarantee) { result in
        if case .failure(let error) = result { span.note(error) }
        span.end()
        completion(result)
    }
}

extension Span {
    fileprivate func note(_ error: MessagingError) {
        attributes["error.type"] = "\(error.code)"
        setStatus(SpanStatus(code: .error, message: error.message))
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
