/// A backend wants a user told something.
package struct NotificationRequested: EventPayload {
    package static let eventType = "notification.requested"

    package var userID: String
    /// The channels asked for, in order: `push`, `email`, `sms`, `webhook`, `in_app`, `auto`.
    ///
    /// One word or a list on the wire.
    package var types: [String]
    package var title: String
    package var body: String
    package var data: JSONObject
    /// An explicit address: a webhook's URL, an e-mail address, a device.
    package var to: String?
    package var additional: JSONObject
    private var typeIsList: Bool

    package init(
        userID: String,
        types: [String],
        title: String,
        body: String,
        data: JSONObject = [:],
        to: String? = nil,
        additional: JSONObject = [:]
    ) {
        self.userID = userID
        self.types = types
        self.title = title
        self.body = body
        self.data = data
        self.to = to
        self.additional = additional
        typeIsList = types.count != 1
    }

    package init(reading reader: inout ObjectReader) throws(SchemaError) {
        userID = try reader.identifier("user_id")
        typeIsList = reader.remaining["type"]?.arrayValue != nil
        types = typeIsList ? try reader.strings("type") : [try reader.string("type")]
        guard !types.isEmpty else { throw .invalid(reader.path(of: "type"), "names no channel") }
        title = try reader.string("title")
        body = try reader.string("body")
        data = try reader.optionalObject("data") ?? [:]
        to = try reader.optionalString("to")
        additional = reader.remaining
    }

    package var json: JSONObject {
        var object = additional
        object["user_id"] = .string(userID)
        object["type"] = typeIsList ? .array(types.map { .string($0) }) : .string(types.first ?? "auto")
        object["title"] = .string(title)
        object["body"] = .string(body)
        object["data"] = .object(data)
        object.set("to", to)
        return object
    }
}
