import EventSchema
import RealtimeDomain
import RealtimeHTTP

/// `thread:T`: what a backend tells of a thread of its forum; one that it has made private is for its members.
final class ThreadFeed: PhoenixChannel {
    private let door: ConversationDoor

    init(_ key: ConversationKey, _ conversations: Conversations) {
        door = ConversationDoor(conversations: conversations, key: key)
    }

    func join(_ payload: EventContent, _ context: ChannelContext) -> JoinOutcome {
        door.join(payload, context) { _, _ in .joined() }
    }

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
        .reply(.error, .object(Refusal.unknownEvent(event).json))
    }
}
