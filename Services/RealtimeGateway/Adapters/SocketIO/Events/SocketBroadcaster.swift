import NIOCore
import RealtimeDomain
package import RealtimeHTTP

/// Tells Socket.IO clients what backends broadcast on topics, which are named as Phoenix clients join them.
package struct SocketBroadcaster: EventBroadcaster {
    private let hub: Hub
    private let threads: ForumThreads

    package init(hub: Hub, threads: ForumThreads) {
        self.hub = hub
        self.threads = threads
    }

    package func broadcast(topic: String, event: String, payload: [UInt8], isFleeting: Bool) {
        let content = EventContent.json(ByteBuffer(bytes: payload))
        let policy: DeliveryPolicy = isFleeting ? .mayDrop : .mustArrive
        switch Topic(topic) {
        case .thread(let id): threads.tell(event, content, in: id, policy: policy)
        case .chatRoom, .streamComments, .user:
            guard let topic = Topic(topic).flatMap(Self.topic) else { return }
            hub.publish(TopicEvent(topic: topic, name: event, content: content, policy: policy))
        // These have nobody here who listens.
        case .roomPresence, .workspace, .channel, .media, nil: break
        }
    }

    private static func topic(_ topic: Topic) -> String? {
        if case .user(let id) = topic { return SocketTopics.user(id) }
        return topic.conversation.map(SocketTopics.talk)
    }
}
