import EventSchema
import NIOCore
import RealtimeHTTP

/// What one client is told, in the words of its version; nothing once its connection has closed.
struct PhoenixClient {
    let serializer: any PhoenixSerializer
    /// It and its session hold each other until it closes, which anything that is sent may bring about.
    var connection: (any ClientConnection)?

    func reply(
        to message: PhoenixMessage,
        as joinRef: MessageReference,
        _ status: ReplyStatus,
        _ response: EventContent = .emptyObject
    ) {
        send(serializer.reply(joinRef, message.ref, topic: message.topic, status, response))
    }

    func replyUnmatchedTopic(_ message: PhoenixMessage) {
        reply(to: message, as: .null, .error, .reason("unmatched topic"))
    }

    /// Tells the client that a channel has ended; both references are the join's.
    func notify(_ event: String, _ member: ChannelMembership) {
        let joinRef = member.joinRef
        send(serializer.push(joinRef, ref: joinRef, topic: member.topic, event: event, .emptyObject))
    }

    func push(_ event: String, _ payload: EventContent, to member: ChannelMembership) {
        send(serializer.push(member.joinRef, ref: .null, topic: member.topic, event: event, payload))
    }

    /// Tells the client what it has missed.
    func tell(_ event: TopicEvent) { send(serializer.frame(event)) }

    private func send(_ frame: ByteBuffer?) {
        guard let frame else { return }
        connection?.send(frame)
    }
}

extension EventContent {
    /// Why a request is refused, as Phoenix says it.
    static func reason(_ text: String) -> EventContent {
        .json(ByteBuffer(bytes: JSONValue.object(["reason": .string(text)]).encoded))
    }

    /// What contract 5 answers to a token that does not hold.
    static let badToken = EventContent.json(
        ByteBuffer(string: #"{"reason":"unauthorized","message":"Invalid or expired token"}"#)
    )
}
