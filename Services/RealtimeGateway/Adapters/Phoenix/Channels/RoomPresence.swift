import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// `presence:room:R`: who is in a room, on how many devices, and in what status.
struct RoomPresence: TopicBehaviour {
    func join(_ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventContent {
        let arrival = try PresenceArrival(payload.text.readableBytesUInt8Span, of: context.identity)
        context.track(context.identity.userID, arrival.meta)
        return .emptyObject
    }
}
