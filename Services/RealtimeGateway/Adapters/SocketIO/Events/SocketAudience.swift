import EventSchema
import Foundation
import NIOCore
package import RealtimeDomain
package import RealtimeHTTP

/// Tells Socket.IO clients what has happened in the rooms and streams that they have joined, in the words of contract 4.
package struct SocketAudience: ConversationAudience {
    let hub: Hub
    private let streams: LiveStreams

    package init(hub: Hub, streams: LiveStreams) {
        self.hub = hub
        self.streams = streams
    }

    package func tell(_ event: ConversationEvent, in conversation: ConversationKey) {
        guard conversation.kind.isModerated else { return }
        if case .posted = event { streams.posted(conversation.id) }
        guard hub.isHeard(SocketTopics.talk(conversation)) else { return }
        for event in Self.topicEvents(event, in: conversation) { hub.publish(event) }
    }

    /// The events of a topic; none if contract 4 has no word for it.
    static func topicEvents(_ event: ConversationEvent, in conversation: ConversationKey) -> [TopicEvent] {
        let topic = SocketTopics.talk(conversation)
        switch event {
        case .posted(let message):
            return [
                TopicEvent(
                    topic: topic,
                    name: "chat:message",
                    content: StreamSpelling.message(message),
                    seq: message.seq,
                    order: message.id.timeOrder
                )
            ]
        case .deleted(let id):
            let payload = EventContent.object(StreamSpelling.deleted(id, in: conversation.id))
            // The contract's summary and its text spell it differently.
            return ["chat.message.deleted", "chat:message.deleted"].map {
                TopicEvent(topic: topic, name: $0, content: payload)
            }
        case .moderated(let moderation):
            return ModerationSpelling.events(moderation).map { name, payload in
                TopicEvent(topic: topic, name: name, content: .object(payload))
            }
        case .edited, .reacted, .reactedBefore, .withdrawn, .threadStarted, .read, .readBefore: return []
        }
    }
}
