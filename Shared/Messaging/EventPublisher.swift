package import EventSchema

/// Publishes events to the `events` exchange, each under its type as routing key.
package struct EventPublisher: Sendable {
    private let publisher: any MessagePublisher
    /// What this service calls itself in the envelopes it writes.
    package let source: String

    package init(_ publisher: any MessagePublisher, source: String) {
        self.publisher = publisher
        self.source = source
    }

    /// Publishes `envelope`; returns when the broker has confirmed it, or at once for best effort.
    package func publish(
        _ envelope: Envelope,
        trace: TraceContext = TraceContext(),
        guarantee: PublishGuarantee = .confirmed
    ) async throws(MessagingError) {
        try await publisher.publish(
            Message(envelope, trace: trace),
            to: Destination(exchange: Topology.Exchange.events, routingKey: envelope.eventType),
            guarantee: guarantee
        )
    }
}

extension Message {
    /// An envelope with the properties by which brokers, operators and receivers recognise it.
    package init(_ envelope: Envelope, trace: TraceContext = TraceContext()) {
        self.init(
            body: envelope.encoded,
            contentType: "application/json",
            messageID: envelope.eventID.lowercased,
            type: envelope.eventType,
            // An AMQP short string; the envelope has the whole.
            appID: envelope.source.prefix(utf8Length: 255),
            timestamp: envelope.timestamp,
            headers: trace.headers
        )
    }
}
