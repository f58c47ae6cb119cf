import EventSchema
import RealtimeDomain
import RealtimeHTTP

/// `workspace:W`: new channels, changed ones, members; told when a backend says so.
final class WorkspaceFeed: PhoenixChannel {
    private let door: ConversationDoor
    private let limits: ChannelLimits

    init(_ key: ConversationKey, _ conversations: Conversations, _ limits: ChannelLimits) {
        door = ConversationDoor(conversations: conversations, key: key)
        self.limits = limits
    }

    func join(_ payload: EventContent, _ context: ChannelContext) -> JoinOutcome {
        do throws(Refusal) {
            try limits.checkJoin(context.identity)
            return door.join(payload, context, refusal: WorkspaceChannel.joinError) { arrival, _ in
                .joined(.object(["workspace": Self.workspace(arrival.conversation)]))
            }
        } catch {
            return .refused(.object(error.json))
        }
    }

    private static func workspace(_ conversation: Conversation) -> JSONValue {
        ["id": .string(conversation.key.id), "name": .string(conversation.name)]
    }

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
        .reply(.error, .object(Refusal.unknownEvent(event).json))
    }
}
