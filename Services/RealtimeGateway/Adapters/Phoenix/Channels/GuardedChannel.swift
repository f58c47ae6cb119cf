import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// What is particular to a topic on which clients only listen.
protocol TopicBehaviour {
    func join(_ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventContent
}

extension TopicBehaviour {
    func join(_ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventContent { .emptyObject }
}

/// A topic on which clients only listen: lets in whom their token lets in.
final class GuardedChannel: PhoenixChannel {
    private let topic: Topic
    private let behaviour: any TopicBehaviour

    init(topic: Topic, behaviour: any TopicBehaviour) {
        self.topic = topic
        self.behaviour = behaviour
    }

    func join(_ payload: EventContent, _ context: ChannelContext) -> JoinOutcome {
        do throws(Refusal) {
            guard context.identity.mayJoin(topic) else { throw Refusal.foreignTopic }
            // What comes between the look and the answer is told after it.
            context.holdEvents()
            return .joined(try behaviour.join(payload, context))
        } catch {
            return .refused(.object(error.json))
        }
    }

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
        .reply(.error, .object(Refusal.unknownEvent(event).json))
    }
}

extension EventContent {
    static func encoded(_ json: [UInt8]) -> EventContent { .json(ByteBuffer(bytes: json)) }

    static func object(_ members: JSONObject) -> EventContent { .encoded(JSONValue.object(members).encoded) }

    /// The JSON text; empty for binary payloads, which our contracts do not have, so that reading it fails.
    var text: ByteBuffer {
        if case .json(let text) = self { text } else { ByteBuffer() }
    }
}
