import CRabbitMQ
import Messaging

/// What a broker says without being asked.
enum BrokerSignal {
    struct Delivered {
        var tag: UInt64
        var redelivered: Bool
        var source: Destination
        var message: Message
    }

    struct Returned {
        var replyCode: UInt16
        var replyText: String
        var destination: Destination
        var messageID: String?
    }

    case delivered(Delivered)
    case returned(Returned)
    case confirmed(tag: UInt64, multiple: Bool)
    case refused(tag: UInt64, multiple: Bool)
    case consumerCancelled
    case blocked(reason: String)
    case unblocked
}

/// Joins the frames of one channel to signals: a method, and where it has content, a header and the body's pieces.
struct FrameAssembler {
    /// The delivery or the return whose content is being read.
    private var delivered: BrokerSignal.Delivered?
    private var returned: BrokerSignal.Returned?
    private var missing: UInt64 = 0

    /// Takes one frame, copying what it needs; its memory may be released afterwards.
    mutating func accept(_ frame: amqp_frame_t) throws(ConnectionFailure) -> BrokerSignal? {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD: try accept(frame.payload.method)
        case AMQP_FRAME_HEADER: accept(header: frame)
        case AMQP_FRAME_BODY: accept(body: frame.payload.body_fragment)
        default: nil
        }
    }

    // MARK: Methods

    private mutating func accept(_ method: amqp_method_t) throws(ConnectionFailure) -> BrokerSignal? {
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            begin(delivery: method.as(amqp_basic_deliver_t.self))
            return nil
        case AMQP_BASIC_RETURN_METHOD:
            begin(return: method.as(amqp_basic_return_t.self))
            return nil
        case AMQP_BASIC_ACK_METHOD:
            let ack = method.as(amqp_basic_ack_t.self)
            return .confirmed(tag: ack.delivery_tag, multiple: ack.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let nack = method.as(amqp_basic_nack_t.self)
            return .refused(tag: nack.delivery_tag, multiple: nack.multiple != 0)
        case AMQP_BASIC_CANCEL_METHOD:
            return .consumerCancelled
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return .blocked(reason: method.as(amqp_connection_blocked_t.self).reason.string)
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            return .unblocked
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = method.as(amqp_channel_close_t.self)
            throw ConnectionFailure(
                replyCode: close.reply_code,
                text: close.reply_text.string,
                while: "channel closed by the broker"
            )
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = method.as(amqp_connection_close_t.self)
            throw ConnectionFailure(
                replyCode: close.reply_code,
                text: close.reply_text.string,
                while: "connection closed by the broker"
            )
        default:
            return nil
        }
    }

    private mutating func begin(delivery method: amqp_basic_deliver_t) {
        returned = nil
        delivered = .init(
            tag: method.delivery_tag,
            redelivered: method.redelivered != 0,
            source: Destination(exchange: method.exchange.string, routingKey: method.routing_key.string),
            message: Message(body: [])
        )
    }

    private mutating func begin(return method: amqp_basic_return_t) {
        delivered = nil
        returned = .init(
            replyCode: method.reply_code,
            replyText: method.reply_text.string,
            destination: Destination(exchange: method.exchange.string, routingKey: method.routing_key.string)
        )
    }

    // MARK: Content

    private mutating func accept(header frame: amqp_frame_t) -> BrokerSignal? {
        let header = frame.payload.properties
        guard header.class_id == AMQP_BASIC_CLASS, let decoded = header.decoded else { return nil }
        let message = decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee.message
        missing = header.body_size
        if returned != nil {
            returned?.messageID = message.messageID
        } else if delivered != nil {
            delivered?.message = message
            // The announced size is only believed so far; what really comes makes the array grow.
            delivered?.message.body.reserveCapacity(Int(min(missing, 1 << 20)))
        } else {
            return nil
        }
        return missing == 0 ? complete() : nil
    }

    private mutating func accept(body fragment: amqp_bytes_t) -> BrokerSignal? {
        guard returned != nil || delivered != nil else { return nil }
        // The body of a returned message is the caller's own: it is not kept twice.
        let bytes = UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)
        delivered?.message.body.append(contentsOf: bytes)
        missing -= min(missing, UInt64(fragment.len))
        return missing == 0 ? complete() : nil
    }

    private mutating func complete() -> BrokerSignal? {
        returned.take().map(BrokerSignal.returned) ?? delivered.take().map(BrokerSignal.delivered)
    }
}

extension amqp_method_t {
    /// The arguments; the method's id says which type they are.
    fileprivate func `as`<Arguments>(_: Arguments.Type) -> Arguments {
        decoded.assumingMemoryBound(to: Arguments.self).pointee
    }
}
