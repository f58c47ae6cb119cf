import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// `chat:room:R`: what one says, all hear, the speaker included.
struct ChatRoom: TopicBehaviour {
    let now: @Sendable () -> Timestamp

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventContent {
        guard event == ChatMessage.event else {
            throw Refusal(.unknownEvent, "'\(event)' is not an event of this topic")
        }
        let draft = try MessageDraft(payload.text.readableBytesUInt8Span, author: context.identity)
        let message = ChatMessage(draft, by: context.identity, at: now())
        context.broadcast(ChatMessage.event, .encoded(message.payload))
        return .object(["id": .string(message.id)])
    }
}
