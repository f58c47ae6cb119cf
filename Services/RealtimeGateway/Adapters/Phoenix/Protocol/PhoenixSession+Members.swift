import NIOCore
package import RealtimeDomain
import RealtimeHTTP

/// What the members of this connection's channels do, and how they go.
extension PhoenixSession {
    func leave(_ message: PhoenixMessage, _ member: ChannelMembership) {
        remove(member)
        client.reply(to: message, as: member.joinRef, .ok)
        client.notify("phx_close", member)
    }

    func handle(_ message: PhoenixMessage, _ member: ChannelMembership) {
        do {
            let context = ChannelContext(membership: member, session: self)
            follow(try member.channel.handle(message.event, message.payload, context), message, member)
        } catch {
            crashed(member)
        }
    }

    private func follow(_ outcome: EventOutcome, _ message: PhoenixMessage, _ member: ChannelMembership) {
        // Who has left is told nothing more.
        guard member.session != nil else { return }
        switch outcome {
        case .noReply: break
        case .reply(let status, let response): client.reply(to: message, as: member.joinRef, status, response)
        case .stop(let status, let response):
            remove(member)
            client.reply(to: message, as: member.joinRef, status, response)
            client.notify("phx_close", member)
        case .pending(let future):
            inbox.beginPending()
            future.assumeIsolated().whenComplete { [self] result in
                inbox.endPending()
                switch result {
                case .success(let outcome): follow(outcome, message, member)
                case .failure: crashed(member)
                }
            }
        }
    }

    package func expel(from topic: String, _ expulsion: Expulsion) {
        guard let member = channels.members.first(where: { $0.topic == topic }) else { return }
        remove(member)
        // phoenix.js joins again after phx_error, and not after phx_close.
        client.notify(expulsion == .forGood ? "phx_close" : "phx_error", member)
    }

    private func crashed(_ member: ChannelMembership) {
        guard member.session != nil else { return }
        application.metrics.channelCrashed()
        remove(member)
        client.notify("phx_error", member)
    }

    /// Ends a membership, unless the connection has closed meanwhile, which ended it already.
    func remove(_ member: ChannelMembership) {
        guard channels.remove(member) else { return }
        end(member)
    }

    /// Ends a membership that is in the table no more.
    func end(_ member: ChannelMembership) {
        withdraw(member)
        member.channel.terminate(ChannelContext(membership: member, session: self))
        member.session = nil
    }

    /// Takes back what a member has in the application.
    func withdraw(_ member: ChannelMembership) {
        guard let shard else { return }
        if let subscription = member.subscription { shard.unsubscribe(subscription) }
        member.subscription = nil
        for presence in member.presences {
            application.presence.untrack(member.topic, presence.key, presence.ref, on: shard)
        }
        member.presences = []
    }

    func push(_ event: String, _ payload: EventContent, to member: ChannelMembership) {
        client.push(event, payload, to: member)
    }
}
