package import EventSchema

/// A conversation is described otherwise than before; what nodes tell one another.
package struct ConversationChange: EventPayload {
    package static let eventType = "conversation.changed"

    package let key: ConversationKey
    /// `nil` for a new one.
    package let previous: Conversation?
    /// `nil` for a deleted one.
    package let current: Conversation?

    init(_ key: ConversationKey, from previous: Conversation?, to current: Conversation?) {
        self.key = key
        self.previous = previous
        self.current = current
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        key = try ConversationKey(reading: &reader)
        previous = try Self.conversation("previous", key, &reader)
        current = try Self.conversation("current", key, &reader)
    }

    private static func conversation(
        _ name: String,
        _ key: ConversationKey,
        _ reader: inout ObjectReader
    ) throws(SchemaError) -> Conversation? {
        guard reader.remaining[name] != nil else { return nil }
        var reader = try reader.reader(name)
        return Conversation(
            key,
            name: try reader.string("name"),
            access: try reader.string("type") == "private" ? .private : .public,
            description: try reader.optionalString("description"),
            workspaceID: try reader.optionalString("workspace_id"),
            ownerID: try reader.optionalString("owner_id")
        )
    }

    package var json: JSONObject {
        var object = key.json
        if let previous { object["previous"] = .object(Self.json(previous)) }
        if let current { object["current"] = .object(Self.json(current)) }
        return object
    }

    private static func json(_ conversation: Conversation) -> JSONObject {
        var object: JSONObject = [
            "name": .string(conversation.name), "type": .string(conversation.access.rawValue),
        ]
        object.set("description", conversation.description)
        object.set("workspace_id", conversation.workspaceID)
        object.set("owner_id", conversation.ownerID)
        return object
    }
}

extension ConversationKey {
    /// Takes `conversation_id` and `kind`.
    init(reading reader: inout ObjectReader) throws(SchemaError) {
        let word = try reader.string("kind")
        guard let kind = Kind(rawValue: word) else { throw .invalid(reader.path(of: "kind"), "unknown: \(word)") }
        self.init(kind, try reader.string("conversation_id"))
    }

    var json: JSONObject { ["conversation_id": .string(id), "kind": .string(kind.rawValue)] }
}
