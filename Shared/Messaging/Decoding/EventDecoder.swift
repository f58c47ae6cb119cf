package import EventSchema

/// Reads what backends really send as envelopes.
///
/// The content of a message decides what it is, not its content type, which most PHP libraries set to `text/plain` or not
/// at all. Taken are our own envelope, CloudEvents 1.0 in both modes, Symfony Messenger's JSON and Laravel's wrapper
/// around an array. The same message always becomes an event of the same id, also after retries.
package struct EventDecoder: Sendable {
    private let types: MessageTypes
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - types: Event types by class name, for classes whose base name does not tell; also by CloudEvents type.
    ///   - now: The time of events that carry none.
    package init(types: [String: String] = [:], now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.types = MessageTypes(types)
        self.now = now
    }

    /// The event that `delivery` brings.
    ///
    /// - Throws: ``SchemaError`` that says what the message is, and what its publisher should change.
    package func envelope(of delivery: Delivery) throws(SchemaError) -> Envelope {
        let object = try ReceivedObject(delivery, now: now)
        if object.has("event_type") { return try object.envelope() }
        if let event = try CloudEvent(in: object) { return try event.envelope(types) }
        if let message = SymfonyMessage(in: object) { return try message.envelope(types) }
        if let job = LaravelJob(in: object) { return try job.envelope(types) }
        throw .missing("event_type", expected: "string, or a CloudEvent, a Symfony Messenger message or a Laravel job")
    }
}
