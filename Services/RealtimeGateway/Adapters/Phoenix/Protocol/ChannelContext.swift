package import NIOCore
package import RealtimeDomain
package import RealtimeHTTP

/// What a channel may do while it is called, and afterwards on the same event loop.
package struct ChannelContext {
    let membership: ChannelMembership
    let session: PhoenixSession

    package var topic: String { membership.topic }
    /// Who the connection's token says it is.
    package var identity: Identity { session.identity }
    /// The loop on which the channel is called; `nil` once the connection has closed.
    package var eventLoop: (any EventLoop)? { session.shard?.loop }

    /// Sends an event to this member alone.
    package func push(_ event: String, _ payload: EventContent) {
        membership.push(event, payload)
    }

    /// Sends an event to everybody on the topic, this member included.
    package func broadcast(_ event: String, _ payload: EventContent) {
        session.application.hub.publish(TopicEvent(topic: topic, name: event, content: payload))
    }

    /// Sends an event that is worth something now and nothing later to everybody on the topic but this connection.
    package func broadcastFleeting(_ event: String, _ payload: EventContent) {
        session.application.hub.publish(
            TopicEvent(
                topic: topic,
                name: event,
                content: payload,
                policy: .mayDrop,
                except: session.connection
            )
        )
    }

    /// From here on events of the topic are kept for this client, which gets them after the answer to its join.
    ///
    /// For a channel whose join tells what was published before: what is published between its looking and the answer would
    /// be lost otherwise.
    package func holdEvents() { session.hold(membership) }

    /// Shows this member as present under `key` until it leaves.
    ///
    /// Everybody on the topic hears of it in a `presence_diff`; then this member gets the `presence_state`.
    package func track(_ key: String, _ meta: PresenceMeta) {
        guard membership.session != nil, let shard = session.shard else { return }
        membership.presences.append((key, meta.ref))
        session.application.presence.track(topic, key, meta, membership, on: shard)
    }

    /// Shows this member otherwise than before; `meta` makes what is shown now from the ref of what was.
    ///
    /// The topic's diff has the old meta among those that left and the new one, which names it, among those that joined.
    package func update(_ key: String, _ meta: (_ previousRef: String) -> PresenceMeta) {
        guard membership.session != nil, let shard = session.shard,
            let index = membership.presences.firstIndex(where: { $0.key == key })
        else { return }
        let previous = membership.presences[index].ref
        let meta = meta(previous)
        membership.presences[index].ref = meta.ref
        session.application.presence.update(topic, key, previous, meta, on: shard)
    }
}
