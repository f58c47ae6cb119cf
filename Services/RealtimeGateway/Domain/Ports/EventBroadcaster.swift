/// Delivers events to all clients of this node that are on a topic.
package protocol EventBroadcaster: Sendable {
    /// Sends `event` with `payload`, one encoded JSON value, to the subscribers of `topic`; returns without waiting.
    ///
    /// Events that one thread broadcasts arrive in that order.
    ///
    /// - Parameter isFleeting: Whether it may be dropped for clients that read slowly, since the next one will say more.
    func broadcast(topic: String, event: String, payload: [UInt8], isFleeting: Bool)
}

extension EventBroadcaster {
    /// Sends an event that has to arrive.
    package func broadcast(topic: String, event: String, payload: [UInt8]) {
        broadcast(topic: topic, event: event, payload: payload, isFleeting: false)
    }
}

extension Array: EventBroadcaster where Element == any EventBroadcaster {
    package func broadcast(topic: String, event: String, payload: [UInt8], isFleeting: Bool) {
        for broadcaster in self {
            broadcaster.broadcast(topic: topic, event: event, payload: payload, isFleeting: isFleeting)
        }
    }
}
