import EventSchema
import RealtimeDomain

/// What the backend is asked: whether somebody, as a token describes them, may come to a conversation.
///
/// Two tokens of one user that claim different things are two questions.
struct AuthorizationQuestion: Hashable, Sendable {
    let userID: String
    let roles: Set<String>
    let permissions: Set<String>
    let conversation: ConversationKey

    init(_ identity: Identity, _ conversation: ConversationKey) {
        userID = identity.userID
        roles = identity.roles
        permissions = identity.permissions
        self.conversation = conversation
    }

    /// The request's body.
    var encoded: [UInt8] {
        JSONValue.object([
            "user_id": .string(userID),
            "conversation": ["kind": .string(conversation.kind.rawValue), "id": .string(conversation.id)],
            "action": "join",
            "claims": ["roles": Self.list(roles), "permissions": Self.list(permissions)],
        ]).encoded
    }

    private static func list(_ words: Set<String>) -> JSONValue { .array(words.sorted().map(JSONValue.string)) }
}
