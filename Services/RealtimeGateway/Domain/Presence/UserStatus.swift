package import EventSchema

/// A user has come with their first device; what nodes tell one another.
package struct UserOnline: EventPayload {
    package static let eventType = "user.online"

    package let status: UserStatus

    package init(_ status: UserStatus) { self.status = status }

    package init(reading reader: inout ObjectReader) throws(SchemaError) { status = try UserStatus(&reader) }

    package var json: JSONObject { status.json }
}

/// A user has gone with their last device; what nodes tell one another.
package struct UserOffline: EventPayload {
    package static let eventType = "user.offline"

    package let status: UserStatus

    package init(_ status: UserStatus) { self.status = status }

    package init(reading reader: inout ObjectReader) throws(SchemaError) { status = try UserStatus(&reader) }

    package var json: JSONObject { status.json }
}

/// Who came to a node or left it, and when.
package struct UserStatus: Sendable, Hashable {
    package let user: Profile
    /// The node that says it.
    package let node: String
    package let at: Timestamp

    package init(_ user: Profile, node: String, at timestamp: Timestamp) {
        self.user = user
        self.node = node
        at = timestamp
    }

    fileprivate init(_ reader: inout ObjectReader) throws(SchemaError) {
        user = Profile(
            userID: try reader.string("user_id"),
            name: try reader.string("name"),
            avatarURL: try reader.optionalString("avatar_url")
        )
        node = try reader.string("node")
        at = try reader.timestamp("at")
    }

    fileprivate var json: JSONObject {
        var object: JSONObject = [
            "user_id": .string(user.userID), "name": .string(user.name), "node": .string(node),
            "at": .string(at.description),
        ]
        object.set("avatar_url", user.avatarURL)
        return object
    }
}
