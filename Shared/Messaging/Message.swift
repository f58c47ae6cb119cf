package import EventSchema

/// What a broker carries: bytes and the properties that AMQP 0-9-1 gives them.
package struct Message: Sendable, Hashable {
    package var body: [UInt8]
    package var contentType: String?
    /// How the body is packed: `gzip`; carried along, and not acted on.
    package var contentEncoding: String?
    /// The event's id; a receiver recognises a repeated message by it.
    package var messageID: String?
    /// The event's type.
    package var type: String?
    /// The program that published it.
    package var appID: String?
    package var correlationID: String?
    /// Where its publisher waits for an answer; carried along, nobody here answers.
    package var replyTo: String?
    package var priority: UInt8?
    package var timestamp: Timestamp?
    /// Application headers.
    ///
    /// AMQP tables are objects here.
    package var headers: JSONObject

    /// RabbitMQ's pseudo-queue for answers: a channel that names it without consuming from it is closed.
    package static let directReplyTo = "amq.rabbitmq.reply-to"

    package init(
        body: [UInt8],
        contentType: String? = nil,
        contentEncoding: String? = nil,
        messageID: String? = nil,
        type: String? = nil,
        appID: String? = nil,
        correlationID: String? = nil,
        replyTo: String? = nil,
        priority: UInt8? = nil,
        timestamp: Timestamp? = nil,
        headers: JSONObject = [:]
    ) {
        self.body = body
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.messageID = messageID
        self.type = type
        self.appID = appID
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.priority = priority
        self.timestamp = timestamp
        self.headers = headers
    }
}
