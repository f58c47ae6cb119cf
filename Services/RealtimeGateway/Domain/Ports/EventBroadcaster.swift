/// Delivers events to all clients of this node that are on a topic.
package protocol EventBroadcaster: Sendable {
    /// Sends `event` with `payload`, one encoded JSON value, to the subscribers of `topic`; returns without waiting.
    ///
    /// Events that one thread broadcasts arrive in that order.
    func broadcast(topic: String, event: String, payload: [UInt8])
}
