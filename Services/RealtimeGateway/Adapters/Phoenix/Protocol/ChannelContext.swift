package import RealtimeDomain
package import RealtimeHTTP

/// What a channel may do while it is called.
package struct ChannelContext {
    let membership: ChannelMembership
    let session: PhoenixSession

    package var topic: String { membership.topic }
    /// Who the connection's token says it is.
    package var identity: Identity { session.identity }

    /// Sends an event to this member alone.
    package func push(_ event: String, _ payload: EventContent) {
        membership.push(event, payload)
    }

    /// Sends an event to everybody on the topic, this member included.
    package func broadcast(_ event: String, _ payload: EventContent) {
        session.application.hub.publish(TopicEvent(topic: topic, name: event, content: payload))
    }

    /// Shows this member as present under `key` until it leaves.
    ///
    /// Everybody on the topic hears of it in a `presence_diff`; then this member gets the `presence_state`.
    package func track(_ key: String, _ meta: PresenceMeta) {
        guard membership.session != nil, let shard = session.shard else { return }
        membership.presences.append((key, meta.ref))
        session.application.presence.track(topic, key, meta, membership, on: shard)
    }
}
