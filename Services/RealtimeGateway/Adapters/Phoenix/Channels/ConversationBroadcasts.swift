import EventSchema
import NIOCore
package import RealtimeDomain
package import RealtimeHTTP

/// Tells Phoenix clients what has happened in the conversations that they have joined.
package struct ConversationBroadcasts: ConversationAudience {
    private let hub: Hub

    package init(hub: Hub) {
        self.hub = hub
    }

    package func tell(_ event: ConversationEvent, in conversation: ConversationKey) {
        guard let event = Self.topicEvent(event, in: conversation) else { return }
        hub.publish(event)
    }

    /// The event of a topic; `nil` if its clients' contract has no word for it.
    static func topicEvent(_ event: ConversationEvent, in conversation: ConversationKey) -> TopicEvent? {
        let topic = Topic(of: conversation).name
        switch (conversation.kind, event) {
        case (.room, .posted(let message)), (.stream, .posted(let message)):
            return TopicEvent(
                topic: topic,
                name: RoomSpelling.event(conversation.kind),
                content: RoomSpelling.payload(message),
                seq: message.seq
            )
        case (.channel, _):
            guard let (name, payload) = ChannelSpelling.event(event, in: conversation) else { return nil }
            return TopicEvent(
                topic: topic,
                name: name,
                content: .object(payload),
                policy: event.isFleeting ? .mayDrop : .mustArrive,
                seq: event.seq
            )
        default: return nil
        }
    }
}

extension ConversationEvent {
    fileprivate var seq: Int64? { if case .posted(let message) = self { message.seq } else { nil } }

    fileprivate var isFleeting: Bool { if case .read = self { true } else { false } }
}
