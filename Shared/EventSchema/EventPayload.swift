/// The payload of one event type.
///
/// A payload keeps the fields it does not know, and writes them out again.
package protocol EventPayload: Sendable, Hashable {
    /// The `event_type` of the envelope, which is also the routing key.
    static var eventType: String { get }

    /// Takes the fields from `reader`, which stands at `payload`.
    init(reading reader: inout ObjectReader) throws(SchemaError)

    /// All fields, the unknown ones included.
    var json: JSONObject { get }
}

/// The event types that this suite knows.
package enum EventCatalog {
    package static let payloads: [any EventPayload.Type] = [
        MediaUploaded.self, MediaCancel.self, MediaProgress.self, MediaReady.self, MediaFailed.self,
        NotificationRequested.self, NotificationInApp.self, NotificationDelivered.self, NotificationFailed.self,
        RealtimeBroadcast.self, ConversationUpdated.self, MemberUpdated.self,
        StreamLive.self, StreamOffline.self, StreamFailed.self,
    ]

    package static let eventTypes: [String] = payloads.map { $0.eventType }

    /// Reads the payload of `envelope` as whatever type its `event_type` names.
    package static func decode(_ envelope: Envelope) throws(SchemaError) -> any EventPayload {
        guard let type = payloads.first(where: { $0.eventType == envelope.eventType }) else {
            throw SchemaError(
                .unknownEventType,
                "event_type: unknown event type \"\(envelope.eventType)\"; known are \(eventTypes.joined(separator: ", "))"
            )
        }
        return try envelope.decode(type)
    }
}
