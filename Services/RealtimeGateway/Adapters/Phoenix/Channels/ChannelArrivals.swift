import EventSchema
import NIOCore
package import RealtimeHTTP

/// Tells a channel of users who came with their first device or left with their last: `user_joined`, `user_left`.
package struct ChannelArrivals: Sendable {
    private let hub: Hub
    private let limits: ChannelLimits

    package init(hub: Hub, limits: ChannelLimits) {
        self.hub = hub
        self.limits = limits
    }

    /// Of a crowd that moves at once the presence diff tells, and nobody one by one.
    package func tell(_ change: PresenceTracker.Change) {
        guard change.topic.hasPrefix("channel:"),
            change.arrived.count + change.gone.count <= limits.arrivalsPerWindow
        else { return }
        for (userID, meta) in change.arrived.sorted(by: { $0.key < $1.key }) {
            let shown = try? JSONParser.parse(meta)
            publish(
                "user_joined",
                [
                    "user": [
                        "id": .string(userID),
                        "name": shown?["name"] ?? .string(userID),
                        "avatar_url": shown?["avatar_url"] ?? .null,
                    ]
                ],
                change.topic
            )
        }
        for userID in change.gone.sorted() { publish("user_left", ["user_id": .string(userID)], change.topic) }
    }

    private func publish(_ name: String, _ payload: JSONObject, _ topic: String) {
        hub.publish(TopicEvent(topic: topic, name: name, content: .object(payload), policy: .mayDrop))
    }
}
