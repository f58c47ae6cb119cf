import EventSchema
import NIOCore
package import RealtimeDomain
package import RealtimeHTTP
package import RealtimePhoenix

/// The channel of any tutorial, `room:*`, by which servers can be compared frame by frame.
///
/// So are `realtime:*`, the topics of Supabase's clients, whose `broadcast` the others hear.
///
/// `room:presence*` shows who is there, `room:forbidden` lets nobody in, and the join of `room:crash` fails.
package final class ProbeChannel: PhoenixChannel {
    struct Crash: Error {}

    private let presence: @Sendable () -> PresenceMeta

    /// - Parameter presence: What is told of a member of `room:presence*`.
    package static func router(
        presence: @escaping @Sendable () -> PresenceMeta = {
            PresenceMeta(fields: ["online_at": .integer(Timestamp.now.milliseconds)])
        }
    ) -> ChannelRouter {
        var router = ChannelRouter()
        router.on("room:*") { _ in ProbeChannel(presence) }
        router.on("realtime:*") { _ in ProbeChannel(presence) }
        return router
    }

    private init(_ presence: @escaping @Sendable () -> PresenceMeta) {
        self.presence = presence
    }

    package func join(_ payload: EventContent, _ context: ChannelContext) throws -> JoinOutcome {
        if context.topic == "room:forbidden" { return .refused(.text(#"{"reason":"unauthorized"}"#)) }
        if context.topic == "room:crash" { throw Crash() }
        guard context.topic.hasPrefix("room:presence") else { return .joined(payload) }
        context.track(context.identity.userID, presence())
        return .joined(.text(#"{"joined":true}"#))
    }

    package func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) throws -> EventOutcome {
        switch event {
        case "echo": return .reply(.ok, payload)
        case "error": return .reply(.error, payload)
        case "stop": return .stop(.ok)
        case "shout":
            context.broadcast("shout", payload)
            return .noReply
        case "shout_ack":
            context.broadcast("shout", payload)
            return .reply(.ok, payload)
        case "broadcast":
            context.broadcastFleeting("broadcast", payload)
            return .noReply
        case "whisper":
            context.push("whisper", payload)
            return .noReply
        case "noreply": return .noReply
        // `crash`, and what nobody has heard of, as in a channel whose clauses do not match.
        default: throw Crash()
        }
    }
}

extension EventContent {
    package static func text(_ json: String) -> EventContent { .json(.init(string: json)) }
}
