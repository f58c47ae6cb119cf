package import EventSchema

/// What nodes of the gateway tell one another, and nobody else.
package enum NodeEvents {
    private static let payloads: [any EventPayload.Type] = [
        ConversationChange.self, MembershipChange.self, UserDisconnection.self, ModerationEvent.self,
        NotificationRead.self, UserOnline.self, UserOffline.self,
    ]

    package static let eventTypes = Set(payloads.map { $0.eventType })

    /// Reads the payload of `envelope`; `nil` if it is none of these.
    package static func decode(_ envelope: Envelope) throws(SchemaError) -> (any EventPayload)? {
        guard let type = payloads.first(where: { $0.eventType == envelope.eventType }) else { return nil }
        return try envelope.decode(type)
    }
}
