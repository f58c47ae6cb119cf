package import EventSchema

/// What a broker carries: bytes and the properties that AMQP 0-9-1 gives them.
package struct Message: Sendable, Hashable {
    package var body: [UInt8]
    package var contentType: String?
    /// The event's id; a receiver recognises a repeated message by it.
    package var messageID: String?
    /// The event's type.
    package var type: String?
    /// The program that published it.
    package var appID: String?
    package var correlationID: String?
    package var timestamp: Timestamp?
    /// Application headers.
    ///
    /// AMQP tables are objects here.
    package var headers: JSONObject

    package init(
        body: [UInt8],
        contentType: String? = nil,
        messageID: String? = nil,
        type: String? = nil,
        appID: String? = nil,
        correlationID: String? = nil,
        timestamp: Timestamp? = nil,
        headers: JSONObject = [:]
    ) {
        self.body = body
        self.contentType = contentType
        self.messageID = messageID
        self.type = type
        self.appID = appID
        self.correlationID = correlationID
        self.timestamp = timestamp
        self.headers = headers
    }
}
