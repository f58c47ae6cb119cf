import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// `channel:C`: a channel of a workspace, contract 5.
///
/// What a client sends is answered twice, for both kinds of clients: as the reply, and as the event of its own that the
/// contract names.
final class WorkspaceChannel: PhoenixChannel {
    let key: ConversationKey
    let conversations: Conversations
    let limits: ChannelLimits
    let now: @Sendable () -> Timestamp
    /// When it counts as over that the member types; `nil` while it does not.
    var typing: Scheduled<Void>?

    init(
        _ key: ConversationKey,
        _ conversations: Conversations,
        _ limits: ChannelLimits,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.key = key
        self.conversations = conversations
        self.limits = limits
        self.now = now
    }

    // MARK: Joining

    func join(_ payload: EventContent, _ context: ChannelContext) -> JoinOutcome {
        do throws(Refusal) {
            try limits.checkJoin(context.identity)
        } catch {
            return .refused(.object(error.json))
        }
        return ConversationDoor(conversations: conversations, key: key).join(
            payload,
            context,
            page: { [conversations, key, user = context.identity.userID] arrival async throws(Refusal) in
                try await ChannelPage(of: key, for: user, arrival, in: conversations)
            },
            refusal: Self.joinError,
            outcome: { arrival, page in
                var catchUp = ConversationDoor.catchUp(arrival)
                if let messages = page?.messages { catchUp.pushes = [("messages_loaded", messages)] }
                return .joined(.object(Self.response(arrival, page)), catchUp: catchUp)
            }
        )
    }

    private static func response(_ arrival: Arrival, _ page: ChannelPage?) -> JSONObject {
        var response = ConversationDoor.recovery(arrival)
        response["channel"] = ChannelSpelling.channel(arrival.conversation)
        response["last_read_message_id"] = .optional(page?.lastRead?.messageID.lowercased)
        return response
    }

    /// Contract 5 has a sentence where others have a word.
    static func joinError(_ refusal: Refusal) -> JSONObject {
        refusal == .noAccess ? ["reason": .string(refusal.message)] : refusal.json
    }

    func joined(_ context: ChannelContext) {
        let identity = context.identity
        context.track(
            identity.userID,
            PresenceMeta(fields: [
                "name": .string(identity.profile.name),
                "avatar_url": .optional(identity.avatarURL),
                "joined_at": .integer(now().milliseconds / 1000),
            ])
        )
    }

    func terminate(_ context: ChannelContext) { stopTyping(context) }

    // MARK: Events

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
        do throws(Refusal) {
            switch event {
            case "send_message": return send(payload, context)
            case "edit_message": return edit(payload, context)
            case "typing_start": return try startTyping(context)
            case "typing_stop":
                stopTyping(context)
                return .reply(.ok)
            case "load_older_messages": return try loadOlder(payload, context)
            default: return try command(event, payload, context)
            }
        } catch {
            return .reply(.error, .object(error.json))
        }
    }

    /// Events that ask for one thing and are answered by what everybody then hears.
    private func command(
        _ event: String,
        _ payload: EventContent,
        _ context: ChannelContext
    ) throws(Refusal) -> EventOutcome {
        let command = try Self.command(event, payload)
        guard let result = conversations.perform(command, in: key, at: now(), context) else { return .noReply }
        return .pending(
            result.map { [key] result in
                switch result {
                case .success(let event): .reply(.ok, .object(Self.answer(event, key)))
                case .failure(let refusal): .reply(.error, .object(refusal.json))
                }
            }
        )
    }

    private static func command(_ event: String, _ payload: EventContent) throws(Refusal) -> ConversationCommand {
        let bytes = payload.text.readableBytesUInt8Span
        switch event {
        case "delete_message": return .delete(message: try id("message_id", bytes))
        case "remove_reaction": return .withdraw(reaction: try id("reaction_id", bytes))
        case "start_thread": return .startThread(message: try id("message_id", bytes))
        case "mark_read": return .markRead(message: try id("message_id", bytes))
        case "add_reaction":
            let emoji = try PayloadFields(bytes).text("emoji", maximum: 64, in: bytes)
            guard let emoji else { throw Refusal(.invalidPayload, "can't be blank", field: "emoji") }
            return .react(message: try id("message_id", bytes), emoji: emoji)
        default: throw .unknownEvent(event)
        }
    }

    private static func id(_ name: String, _ bytes: Span<UInt8>) throws(Refusal) -> UUID {
        try PayloadFields(bytes).requiredIdentifier(name, in: bytes)
    }

    private static func answer(_ event: ConversationEvent, _ key: ConversationKey) -> JSONObject {
        if case .reactedBefore(let reaction) = event {
            return [
                "message_id": .string(reaction.messageID.lowercased), "reaction": ChannelSpelling.reaction(reaction),
            ]
        }
        if case .readBefore(let receipt) = event { return ChannelSpelling.receipt(receipt, key) }
        return ChannelSpelling.event(event, in: key)?.payload ?? [:]
    }
}
