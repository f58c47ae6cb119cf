package import EventSchema
import NIOCore
package import RealtimeDomain
import RealtimeHTTP

/// The channels of contract 1.
package struct GatewayChannels: Sendable {
    private let feed: RealtimeFeed
    private let now: @Sendable () -> Timestamp

    package init(feed: RealtimeFeed, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.feed = feed
        self.now = now
    }

    /// Serves contract 1's topics and no others.
    package var router: ChannelRouter {
        var router = ChannelRouter()
        router.on("*") { [self] name in Topic(name).map { channel(for: $0) } }
        return router
    }

    private func channel(for topic: Topic) -> any PhoenixChannel {
        let behaviour: any TopicBehaviour =
            switch topic {
            case .chatRoom: ChatRoom(now: now)
            case .streamComments: StreamComments(now: now)
            case .roomPresence: RoomPresence()
            case .user: UserFeed()
            case .media(let id): MediaFeed(id: id, feed: feed)
            }
        return GuardedChannel(topic: topic, behaviour: behaviour)
    }
}

/// What is particular to one kind of topic; who may join has been decided, and refusals are spelled elsewhere.
protocol TopicBehaviour {
    func join(_ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventContent
    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventContent
}

extension TopicBehaviour {
    func join(_ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventContent { .emptyObject }

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventContent {
        throw Refusal(.unknownEvent, "'\(event)' is not an event of this topic")
    }
}

/// Lets in who may join, and answers refusals as Phoenix errors with `reason` and `message`.
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
            return .joined(try behaviour.join(payload, context))
        } catch {
            return .refused(.object(error.json))
        }
    }

    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
        do throws(Refusal) {
            return .reply(.ok, try behaviour.handle(event, payload, context))
        } catch {
            return .reply(.error, .object(error.json))
        }
    }
}

extension EventContent {
    static func encoded(_ json: [UInt8]) -> EventContent { .json(ByteBuffer(bytes: json)) }

    static func object(_ members: JSONObject) -> EventContent { .encoded(JSONValue.object(members).encoded) }

    /// The JSON text; empty for binary payloads, which contract 1 does not have, so that reading it fails.
    var text: ByteBuffer {
        if case .json(let text) = self { text } else { ByteBuffer() }
    }
}
