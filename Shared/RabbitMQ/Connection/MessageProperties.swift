import CRabbitMQ
import EventSchema
import Messaging

extension amqp_basic_properties_t {
    /// The properties of `message`, valid until `arena` is recycled.
    init(_ message: Message, persistent: Bool, in arena: Arena) {
        self.init()
        set(\.delivery_mode, persistent ? 2 : 1, AMQP_BASIC_DELIVERY_MODE_FLAG)
        set(\.content_type, message.contentType, AMQP_BASIC_CONTENT_TYPE_FLAG, arena)
        set(\.content_encoding, message.contentEncoding, AMQP_BASIC_CONTENT_ENCODING_FLAG, arena)
        set(\.message_id, message.messageID, AMQP_BASIC_MESSAGE_ID_FLAG, arena)
        set(\.type, message.type, AMQP_BASIC_TYPE_FLAG, arena)
        set(\.app_id, message.appID, AMQP_BASIC_APP_ID_FLAG, arena)
        set(\.correlation_id, message.correlationID, AMQP_BASIC_CORRELATION_ID_FLAG, arena)
        set(\.reply_to, message.replyTo, AMQP_BASIC_REPLY_TO_FLAG, arena)
        if let priority = message.priority { set(\.priority, priority, AMQP_BASIC_PRIORITY_FLAG) }
        if let timestamp = message.timestamp {
            // AMQP counts whole seconds.
            set(\.timestamp, UInt64(clamping: timestamp.milliseconds / 1000), AMQP_BASIC_TIMESTAMP_FLAG)
        }
        if !message.headers.isEmpty {
            set(\.headers, HeaderTable.encode(message.headers, in: arena), AMQP_BASIC_HEADERS_FLAG)
        }
    }

    private mutating func set<Value>(_ field: WritableKeyPath<Self, Value>, _ value: Value, _ flag: Int32) {
        self[keyPath: field] = value
        _flags |= amqp_flags_t(flag)
    }

    private mutating func set(
        _ field: WritableKeyPath<Self, amqp_bytes_t>,
        _ text: String?,
        _ flag: Int32,
        _ arena: Arena
    ) {
        if let text { set(field, arena.bytes(text), flag) }
    }

    private func has(_ flag: Int32) -> Bool { _flags & amqp_flags_t(flag) != 0 }

    /// A message with these properties and no body yet; nothing in it points into rabbitmq-c's memory.
    var message: Message {
        Message(
            body: [],
            contentType: has(AMQP_BASIC_CONTENT_TYPE_FLAG) ? content_type.string : nil,
            contentEncoding: has(AMQP_BASIC_CONTENT_ENCODING_FLAG) ? content_encoding.string : nil,
            messageID: has(AMQP_BASIC_MESSAGE_ID_FLAG) ? message_id.string : nil,
            type: has(AMQP_BASIC_TYPE_FLAG) ? type.string : nil,
            appID: has(AMQP_BASIC_APP_ID_FLAG) ? app_id.string : nil,
            correlationID: has(AMQP_BASIC_CORRELATION_ID_FLAG) ? correlation_id.string : nil,
            replyTo: has(AMQP_BASIC_REPLY_TO_FLAG) ? reply_to.string : nil,
            priority: has(AMQP_BASIC_PRIORITY_FLAG) ? priority : nil,
            timestamp: has(AMQP_BASIC_TIMESTAMP_FLAG) ? Self.timestamp(timestamp) : nil,
            headers: has(AMQP_BASIC_HEADERS_FLAG) ? HeaderTable.decode(headers) : [:]
        )
    }

    /// A time beyond what 64 bits of milliseconds hold is not a time that anybody meant.
    private static func timestamp(_ seconds: UInt64) -> Timestamp? {
        Int64(exactly: seconds).flatMap { seconds in
            let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            return overflow ? nil : Timestamp(milliseconds: milliseconds)
        }
    }
}

extension Message {
    /// What keeps a message from being sent to `destination`; `nil` if nothing does.
    ///
    /// Sent nevertheless it would take the connection along, and wait first in line for the next one.
    func problem(sendingTo destination: Destination) -> String? {
        let short = [
            ("exchange", destination.exchange), ("routing key", destination.routingKey),
            ("content type", contentType), ("content encoding", contentEncoding), ("message id", messageID),
            ("type", type), ("app id", appID), ("correlation id", correlationID), ("reply-to", replyTo),
        ]
        for (name, value) in short where (value?.utf8.count ?? 0) > 255 {
            return "its \(name) is longer than 255 bytes"
        }
        if replyTo == Self.directReplyTo { return "its reply-to is \(Self.directReplyTo), where nobody waits" }
        return HeaderTable.problem(with: headers).map { "it has \($0)" }
    }
}

extension MessagingError {
    static func unsendable(_ message: Message, because problem: String) -> MessagingError {
        MessagingError(.rejected, "message \(message.messageID ?? "without id") cannot be sent: \(problem)")
    }
}
