import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// `chat:room:R` and `comments:stream:S`: what one says, all hear, the speaker included, once it is stored.
final class RoomChannel: PhoenixChannel {
    private let key: ConversationKey
    private let conversations: Conversations
    private let now: @Sendable () -> Timestamp

    init(_ key: ConversationKey, _ conversations: Conversations, now: @escaping @Sendable () -> Timestamp) {
        self.key = key
        self.conversations = conversations
        self.now = now
    }

    func join(_ payload: EventContent, _ context: ChannelContext) -> JoinOutcome {
        ConversationDoor(conversations: conversations, key: key).join(payload, context) { arrival, _ in
            .joined(.object(ConversationDoor.recovery(arrival)), catchUp: ConversationDoor.catchUp(arrival))
        }
    }

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
        do throws(Refusal) {
            guard event == RoomSpelling.event(key.kind) else { throw .unknownEvent(event) }
            return try send(payload, context)
        } catch {
            return .reply(.error, .object(error.json))
        }
    }

    private func send(_ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventOutcome {
        let draft = try MessageDraft(
            payload.text.readableBytesUInt8Span,
            in: key,
            author: context.identity,
            at: now()
        )
        guard let result = conversations.perform(.send(draft), in: key, at: draft.insertedAt, context) else {
            return .noReply
        }
        return .pending(result.map(Self.answer))
    }

    private static func answer(_ result: Result<ConversationEvent, Refusal>) -> EventOutcome {
        switch result {
        case .success(.posted(let message)):
            .reply(.ok, .object(["id": .string(RoomSpelling.id(message)), "seq": .integer(message.seq)]))
        case .success: .reply(.ok)
        case .failure(let refusal): .reply(.error, .object(refusal.json))
        }
    }
}

extension Refusal {
    static func unknownEvent(_ event: String) -> Refusal {
        Refusal(.unknownEvent, "'\(event)' is not an event of this topic")
    }
}
