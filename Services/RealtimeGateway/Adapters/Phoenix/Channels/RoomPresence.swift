import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// `presence:room:R`: who is in a room, on how many devices, and in what status.
///
/// A member changes its status with `update {"status": "away"}`.
final class RoomPresence: PhoenixChannel {
    private let door: ConversationDoor
    private var arrival: PresenceArrival?

    init(_ key: ConversationKey, _ conversations: Conversations) {
        door = ConversationDoor(conversations: conversations, key: key)
    }

    func join(_ payload: EventContent, _ context: ChannelContext) -> JoinOutcome {
        do throws(Refusal) {
            arrival = try PresenceArrival(payload.text.readableBytesUInt8Span, of: context.identity)
            return door.join(payload, context) { _, _ in .joined() }
        } catch {
            return .refused(.object(error.json))
        }
    }

    func joined(_ context: ChannelContext) {
        guard let arrival else { return }
        context.track(context.identity.userID, arrival.meta)
    }

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
        do throws(Refusal) {
            guard event == "update" else { throw .unknownEvent(event) }
            let status = try PresenceArrival(payload.text.readableBytesUInt8Span, of: context.identity)
            context.update(context.identity.userID) { status.meta(replacing: $0) }
            return .reply(.ok)
        } catch {
            return .reply(.error, .object(error.json))
        }
    }
}
