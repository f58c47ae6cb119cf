import CRabbitMQ
import Messaging

/// The end of a connection, and whether waiting can mend it.
struct ConnectionFailure: Error {
    let error: MessagingError
    /// The next try will fail the same way until somebody changes something.
    let isPermanent: Bool

    init(_ code: MessagingError.Code, _ message: String, isPermanent: Bool = false) {
        error = MessagingError(code, message)
        self.isPermanent = isPermanent
    }

    /// What rabbitmq-c reports.
    init(status: Int32, while action: String) {
        let text = "\(action): \(String(cString: amqp_error_string2(status)))"
        switch status {
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue:
            self.init(.accessRefused, text, isPermanent: true)
        case AMQP_STATUS_SSL_CONNECTION_FAILED.rawValue:
            self.init(.unavailable, "\(text); is it a TLS port, and does AMQP_CA_FILE vouch for it?")
        default:
            self.init(.unavailable, text)
        }
    }

    /// What the broker says when it closes a channel or the connection.
    init(replyCode: UInt16, text: String, while action: String) {
        let message = "\(action): \(text) (\(replyCode))"
        switch Int32(replyCode) {
        case AMQP_ACCESS_REFUSED, AMQP_NOT_ALLOWED:
            // 530 is also the answer while a virtual host restarts; that one says "down".
            self.init(.accessRefused, message, isPermanent: !text.contains("down"))
        case AMQP_PRECONDITION_FAILED:
            self.init(.topologyMismatch, message, isPermanent: text.contains("inequivalent"))
        case AMQP_NOT_FOUND:
            // A queue whose node is away is also "not found", and comes back.
            self.init(
                .topologyMismatch,
                message,
                isPermanent: text.contains("no queue") || text.contains("no exchange")
            )
        default:
            self.init(.unavailable, message)
        }
    }

    /// What an answer says, if it is not the one asked for.
    init?(_ reply: amqp_rpc_reply_t, while action: String) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return nil
        case AMQP_RESPONSE_SERVER_EXCEPTION where reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD:
            let close = reply.reply.decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            self.init(replyCode: close.reply_code, text: close.reply_text.string, while: action)
        case AMQP_RESPONSE_SERVER_EXCEPTION where reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD:
            let close = reply.reply.decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            self.init(replyCode: close.reply_code, text: close.reply_text.string, while: action)
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            self.init(status: reply.library_error, while: action)
        default:
            self.init(.unavailable, "\(action): unexpected answer")
        }
    }
}
