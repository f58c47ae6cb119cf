import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP

@testable import RealtimePhoenix

/// The channel of any tutorial, as the server hosted it that the transcripts were taken from.
final class ProbeChannel: PhoenixChannel {
    struct Crash: Error {}

    func join(_ payload: EventContent, _ context: ChannelContext) throws -> JoinOutcome {
        if context.topic == "room:forbidden" { return .refused(.text(#"{"reason":"unauthorized"}"#)) }
        if context.topic == "room:crash" { throw Crash() }
        guard context.topic.hasPrefix("room:presence") else { return .joined(payload) }
        context.track(context.identity.userID, PresenceMeta(ref: "REF", fields: ["online_at": 1]))
        return .joined(.text(#"{"joined":true}"#))
    }

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) throws -> EventOutcome {
        switch event {
        case "echo": return .reply(.ok, payload)
        case "error": return .reply(.error, payload)
        case "stop": return .stop(.ok)
        case "shout":
            context.broadcast("shout", payload)
            return .noReply
        case "whisper":
            context.push("whisper", payload)
            return .noReply
        case "noreply": return .noReply
        default: throw Crash()
        }
    }

    static var router: ChannelRouter {
        var router = ChannelRouter()
        router.on("room:*") { _ in ProbeChannel() }
        return router
    }
}

extension EventContent {
    static func text(_ json: String) -> EventContent { .json(.init(string: json)) }
}
