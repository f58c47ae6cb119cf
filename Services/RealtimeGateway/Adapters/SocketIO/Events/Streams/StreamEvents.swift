import EventSchema
package import RealtimeDomain
import RealtimeHTTP

/// Tells who watches a stream what becomes of it, in the words of contract 4.
extension SocketAudience: StreamAudience {
    package func tell(_ event: StreamEvent) {
        let (name, payload) =
            switch event {
            case .live(let event): (StreamLive.eventType, event.json)
            case .offline(let event): (StreamOffline.eventType, event.json)
            case .failed(let event): (StreamFailed.eventType, event.json)
            }
        hub.publish(TopicEvent(topic: SocketTopics.live(event.streamID), name: name, content: .object(payload)))
    }
}
