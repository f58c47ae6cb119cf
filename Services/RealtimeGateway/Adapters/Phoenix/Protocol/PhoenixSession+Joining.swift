import NIOCore
import RealtimeHTTP

extension PhoenixSession {
    /// A join under way.
    private struct Join {
        let message: PhoenixMessage
        let member: ChannelMembership
        /// The membership that it replaces.
        let previous: ChannelMembership?
    }

    func join(_ message: PhoenixMessage, replacing previous: ChannelMembership?) {
        guard let channel = application.router.channel(for: message.topic) else {
            application.metrics.joinRefused()
            client.replyUnmatchedTopic(message)
            return
        }
        // The old channel ends before the new one begins, but is reported closed after the new one's reply.
        if let previous { remove(previous) }
        let member = ChannelMembership(
            topic: message.topic,
            joinRef: message.joinRef,
            channel: channel,
            session: self
        )
        let join = Join(message: message, member: member, previous: previous)
        do {
            conclude(join, try channel.join(message.payload, ChannelContext(membership: member, session: self)))
        } catch {
            crashed(join)
        }
    }

    private func conclude(_ join: Join, _ outcome: JoinOutcome) {
        switch outcome {
        case .joined(let response, let catchUp): admit(join, response, catchUp)
        case .refused(let response):
            application.metrics.joinRefused()
            refuse(join, response)
        case .pending(let future): conclude(join, later: future)
        }
    }

    private func conclude(_ join: Join, later future: EventLoopFuture<JoinOutcome>) {
        joining = join.member
        wait(for: future) { [self] result in
            joining = nil
            // Otherwise the connection has closed, and there is nobody to be told.
            guard connection != nil else { return end(join.member) }
            switch result {
            case .success(let outcome): conclude(join, outcome)
            case .failure: crashed(join)
            }
        }
    }

    private func admit(_ join: Join, _ response: EventContent, _ catchUp: CatchUp) {
        let member = join.member
        guard connection != nil else { return end(member) }
        // It was sent away while it was looked into whether it may come.
        guard member.subscription?.isRevoked != true else { return refuse(join, .reason("Access denied")) }
        hold(member)
        channels.insert(member)
        application.metrics.joined()
        answer(join, .ok, response)
        for (event, payload) in catchUp.pushes { client.push(event, payload, to: member) }
        for event in catchUp.events { client.tell(event) }
        member.subscription?.release(after: catchUp.seq)
        guard member.session != nil else { return }
        member.channel.joined(ChannelContext(membership: member, session: self))
    }

    private func crashed(_ join: Join) {
        application.metrics.channelCrashed()
        refuse(join, .reason("join crashed"))
    }

    private func refuse(_ join: Join, _ response: EventContent) {
        withdraw(join.member)
        answer(join, .error, response)
    }

    private func answer(_ join: Join, _ status: ReplyStatus, _ response: EventContent) {
        client.reply(to: join.message, as: join.message.joinRef, status, response)
        if let previous = join.previous { client.notify("phx_close", previous) }
    }

    /// Subscribes a member, which gets no event before its join is answered.
    func hold(_ member: ChannelMembership) {
        guard member.subscription == nil, let connection, let shard else { return }
        member.subscription = shard.subscribe(connection, to: member.topic, encoding: client.serializer, isHeld: true)
    }
}
