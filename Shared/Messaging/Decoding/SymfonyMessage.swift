import EventSchema

/// A message of Symfony Messenger's JSON serializer: the object's properties, and its class in the header `type`.
struct SymfonyMessage {
    private let object: ReceivedObject
    private let className: String

    /// `nil` if it is no such message.
    init?(in object: ReceivedObject) {
        guard let className = object.message.headers["type"]?.stringValue else { return nil }
        self.object = object
        self.className = className
    }

    func envelope(_ types: MessageTypes) throws(SchemaError) -> Envelope {
        guard let type = types.eventType(of: className) else { throw types.unknown(className, at: "header type") }
        return Envelope(
            eventType: type,
            eventID: object.eventID,
            timestamp: object.timestamp,
            source: object.source(or: "symfony"),
            payload: object.members
        )
    }
}
