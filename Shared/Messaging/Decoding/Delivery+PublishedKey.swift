import EventSchema

extension Delivery {
    /// The routing key under which the message was first published: a retry comes back under its queue's name.
    var publishedKey: String {
        message.headers[MessageHeader.publishedKey]?.stringValue ?? source.routingKey
    }

    /// What a copy must carry so that a message without an id stays the same event.
    var publishedKeyHeaders: JSONObject {
        guard message.messageID?.isEmpty ?? true else { return [:] }
        return [MessageHeader.publishedKey: .string(publishedKey)]
    }
}
