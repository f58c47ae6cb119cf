package import EventSchema

/// All connections of a user are to close; what nodes tell one another.
package struct UserDisconnection: EventPayload {
    package static let eventType = "user.disconnected"

    package let userID: String
    /// The node that says it, and has closed its own already.
    package let node: String

    package init(userID: String, node: String) {
        self.userID = userID
        self.node = node
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        userID = try reader.string("user_id")
        node = try reader.string("node")
    }

    package var json: JSONObject { ["user_id": .string(userID), "node": .string(node)] }
}
