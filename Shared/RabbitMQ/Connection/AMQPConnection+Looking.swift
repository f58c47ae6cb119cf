import CRabbitMQ
import Messaging

extension AMQPConnection {
    /// Asks how full a queue is, which declares nothing.
    func look(at queue: String) throws(ConnectionFailure) -> QueueSighting {
        defer { arena.recycle() }
        let answer = amqp_queue_declare(state, Self.channel, arena.bytes(queue), 1, 0, 0, 0, amqp_table_t())
        if let counts = answer?.pointee {
            return .seen(messages: Int(counts.message_count), consumers: Int(counts.consumer_count))
        }
        let reply = amqp_get_rpc_reply(state)
        let action = "queue '\(queue)' cannot be seen"
        let failure = ConnectionFailure(reply, while: action) ?? ConnectionFailure(.unavailable, action)
        guard reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION, reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD else {
            throw failure
        }
        try reopenChannel()
        return .unseen(reason: failure.error.message)
    }

    /// A refusal costs the channel, not the connection.
    private func reopenChannel() throws(ConnectionFailure) {
        var agreed = amqp_channel_close_ok_t()
        try send(AMQP_CHANNEL_CLOSE_OK_METHOD, &agreed)
        amqp_channel_open(state, Self.channel)
        try check("channel cannot be opened again")
    }
}
