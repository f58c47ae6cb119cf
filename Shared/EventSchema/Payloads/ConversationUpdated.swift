/// A backend describes a conversation, says who belongs to it, or deletes it.
///
/// What it leaves out stays as it was; a new conversation is public and is called by its id.
package struct ConversationUpdated: EventPayload {
    package static let eventType = "conversation.updated"

    /// Members of one list.
    package static let maximumMembers = 10_000
    /// Bytes.
    package static let maximumName = 255
    /// Bytes.
    package static let maximumDescription = 4096
    package static let kinds = ["room", "stream", "channel", "thread", "workspace"]
    package static let types = ["public", "private"]

    package var conversationID: String
    /// One of ``kinds``.
    package var kind: String
    package var name: String?
    /// One of ``types``.
    package var type: String?
    package var description: String?
    /// The workspace of a channel.
    package var workspaceID: String?
    /// Who may moderate it besides moderators.
    package var ownerID: String?
    /// All members, in place of those that there were.
    package var members: [String]?
    /// Whether it is to be as if it had never been, its messages included.
    package var deleted: Bool?
    package var additional: JSONObject

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        conversationID = try reader.identifier("conversation_id")
        kind = try reader.word("kind", of: Self.kinds)
        name = try reader.optionalText("name", maximum: Self.maximumName)
        type = try reader.optionalWord("type", of: Self.types)
        description = try reader.optionalText("description", maximum: Self.maximumDescription)
        workspaceID = try reader.optionalIdentifier("workspace_id")
        ownerID = try reader.optionalIdentifier("owner_id")
        members = try reader.optionalIdentifiers("members", maximum: Self.maximumMembers)
        deleted = try reader.optionalBool("deleted")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["conversation_id"] = .string(conversationID)
        object["kind"] = .string(kind)
        object.set("name", name)
        object.set("type", type)
        object.set("description", description)
        object.set("workspace_id", workspaceID)
        object.set("owner_id", ownerID)
        if let members { object["members"] = .array(members.map(JSONValue.string)) }
        if let deleted { object["deleted"] = .bool(deleted) }
        return object
    }
}
