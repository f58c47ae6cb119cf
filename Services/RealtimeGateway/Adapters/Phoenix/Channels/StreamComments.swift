import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// `comments:stream:S`: comments that belong to a moment of a live stream.
struct StreamComments: TopicBehaviour {
    let now: @Sendable () -> Timestamp

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventContent {
        guard event == StreamComment.event else {
            throw Refusal(.unknownEvent, "'\(event)' is not an event of this topic")
        }
        let draft = try MessageDraft(payload.text.readableBytesUInt8Span, author: context.identity)
        let comment = StreamComment(draft, by: context.identity, at: now())
        context.broadcast(StreamComment.event, .encoded(comment.payload))
        return .object(["id": .string(comment.id)])
    }
}
