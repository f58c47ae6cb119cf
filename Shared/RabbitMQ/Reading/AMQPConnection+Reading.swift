import CRabbitMQ
import EventSchema
import Messaging

extension AMQPConnection {
    /// What the broker told about itself at login: product, version, cluster name.
    var serverProperties: JSONObject {
        amqp_get_server_properties(state).map { HeaderTable.decode($0.pointee) } ?? [:]
    }

    /// How many messages of a queue wait for a consumer, and how many consumers there are.
    func count(_ queue: String) throws(ConnectionFailure) -> QueueReader.Count {
        defer { arena.recycle() }
        let answer = amqp_queue_declare(state, Self.channel, arena.bytes(queue), 1, 0, 0, 0, amqp_table_t())
        try check("queue '\(queue)' cannot be counted")
        guard let counts = answer?.pointee else { throw ConnectionFailure(.unavailable, "queue '\(queue)': no answer") }
        return QueueReader.Count(messages: Int(counts.message_count), consumers: Int(counts.consumer_count))
    }

    /// Starts deliveries of a stream, at most `prefetch` of them unsettled.
    func consume(
        stream: String,
        from start: StreamStart,
        tag: String,
        prefetch: Int
    ) throws(ConnectionFailure) {
        defer { arena.recycle() }
        amqp_basic_qos(state, Self.channel, 0, UInt16(clamping: prefetch), 0)
        try check("prefetch refused")
        var field = amqp_field_value_t()
        switch start {
        case .first:
            field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            field.value.bytes = arena.bytes("first")
        case .time(let time):
            // As an integer it would be an offset.
            field.kind = UInt8(AMQP_FIELD_KIND_TIMESTAMP.rawValue)
            field.value.u64 = UInt64(clamping: time.milliseconds / 1000)
        }
        let entry = amqp_table_entry_t(key: arena.bytes("x-stream-offset"), value: field)
        let arguments = amqp_table_t(num_entries: 1, entries: arena.array([entry]))
        amqp_basic_consume(state, Self.channel, arena.bytes(stream), arena.bytes(tag), 0, 0, 0, arguments)
        try check("stream '\(stream)' cannot be consumed")
    }

    /// Ends deliveries without waiting for the answer, which comes behind everything that is on its way already.
    func cancelSoon(tag: String) throws(ConnectionFailure) {
        defer { arena.recycle() }
        var method = amqp_basic_cancel_t(consumer_tag: arena.bytes(tag), nowait: 1)
        try written("consumer cannot be cancelled") {
            amqp_send_method(state, Self.channel, AMQP_BASIC_CANCEL_METHOD, &method)
        }
    }

    /// Shows the broker that we live, where nothing else is sent for long; rabbitmq-c does so only while it reads.
    func beat() throws(ConnectionFailure) {
        var frame = amqp_frame_t()
        frame.frame_type = UInt8(AMQP_FRAME_HEARTBEAT)
        try written("heartbeat cannot be sent") { amqp_send_frame(state, &frame) }
    }
}
