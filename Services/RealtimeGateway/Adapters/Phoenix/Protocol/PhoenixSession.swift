import DequeModule
import EventSchema
import Logging
import NIOCore
package import RealtimeDomain
package import RealtimeHTTP

/// One Phoenix connection: reads its messages, keeps its channels, answers in its serializer.
package final class PhoenixSession: ClientSession {
    let application: PhoenixApplication
    private let gate: PhoenixGate
    private(set) var identity: Identity
    /// Held while the connection is open.
    private var place: UserPlace?
    private var client: PhoenixClient
    /// The shard of the connection, whose loop every call here runs on; set when it opens.
    private(set) var shard: Shard?
    private var channels: ChannelTable<ChannelMembership>
    /// Messages that wait for the answer to a join or to a new token; `nil` while there is none.
    ///
    /// Few: the connection is not read meanwhile.
    private var waiting: Deque<PhoenixMessage>?
    /// Whose join is being looked into.
    private var joining: ChannelMembership?
    /// Events whose answers are still to come.
    private var pendingCount = 0

    init(application: PhoenixApplication, gate: PhoenixGate, admission: PhoenixGate.Admission) {
        self.application = application
        self.gate = gate
        identity = admission.identity
        client = PhoenixClient(serializer: admission.serializer)
        place = admission.place
        channels = ChannelTable(maximumCount: application.maximumChannels)
    }

    /// The connection until it closes.
    var connection: (any ClientConnection)? { client.connection }
    package var user: Identity? { identity }

    // MARK: The connection

    package func opened(_ connection: any ClientConnection) {
        client.connection = connection
        shard = connection.shard
        expireWithToken()
        place?.opened(connection)
    }

    /// Ends the connection when its token ends, if it does.
    private func expireWithToken() {
        connection?.expire(
            at: identity.expiresAt.map { end in
                .now() + .milliseconds(max(end.milliseconds - Timestamp.now.milliseconds, 0))
            }
        )
    }

    package func closed() {
        waiting = nil
        if let joining { withdraw(joining) }
        for member in channels.removeAll() { end(member) }
        client.connection = nil
        place = nil
    }

    /// Tells who is there anew, since the diffs that were dropped would have led there.
    package func lostFleetingEvents() {
        guard let shard else { return }
        for member in channels.members where !member.presences.isEmpty {
            application.presence.tellState(member.topic, to: member, on: shard)
        }
    }

    package func received(_ frame: ClientMessage) {
        do throws(MalformedFrame) {
            let message = try client.serializer.decode(frame)
            if waiting == nil { dispatch(message) } else { waiting?.append(message) }
        } catch {
            application.metrics.frameMalformed()
            connection?.close(.internalError)
        }
    }

    private func dispatch(_ message: PhoenixMessage) {
        switch channels.decide(message) {
        case .heartbeat: client.reply(to: message, as: .null, .ok)
        case .refresh(let refresh, let joinRef): renewToken(refresh.token, message, joinRef)
        case .join(let previous): join(message, replacing: previous)
        case .tooManyChannels:
            application.metrics.joinRefused()
            client.reply(to: message, as: message.joinRef, .error, .reason("too many channels joined"))
        case .leave(let member): leave(message, member)
        case .staleLeave: break
        case .leaveUnjoined: client.reply(to: message, as: message.joinRef, .ok)
        case .event(let member): handle(message, member)
        case .unmatchedTopic: client.replyUnmatchedTopic(message)
        }
    }

    // MARK: Waiting

    /// Answers that one client may wait for at once; more of its messages are not read.
    private static let maximumPending = 64

    private func beginPending() {
        pendingCount += 1
        if pendingCount == Self.maximumPending { connection?.pauseReading() }
    }

    private func endPending() {
        pendingCount -= 1
        if pendingCount == Self.maximumPending - 1, waiting == nil { connection?.resumeReading() }
    }

    /// Handles no further message until `future` has completed and `body` has acted on it.
    private func wait<Value>(
        for future: EventLoopFuture<Value>,
        _ body: @escaping (Result<Value, any Error>) -> Void
    ) {
        if waiting == nil {
            waiting = []
            connection?.pauseReading()
        }
        future.assumeIsolated().whenComplete { [self] result in
            body(result)
            catchUpWithMessages()
        }
    }

    /// Handles what has come meanwhile, until one of the messages takes time as well.
    private func catchUpWithMessages() {
        guard var messages = waiting else { return }
        waiting = nil
        while connection != nil, waiting == nil, let message = messages.popFirst() { dispatch(message) }
        guard waiting == nil else {
            waiting?.append(contentsOf: messages)
            return
        }
        if pendingCount < Self.maximumPending { connection?.resumeReading() }
    }

    // MARK: The token

    /// Replaces the connection's token by a new one of the same user; what follows is done as whom the new one names.
    private func renewToken(_ token: String, _ message: PhoenixMessage, _ joinRef: MessageReference) {
        guard let shard else { return }
        let renewal = shard.loop.makeFutureWithTask { [gate, identity] in await gate.renewed(identity, by: token) }
        wait(for: renewal) { [self] result in
            guard connection != nil else { return }
            guard case .success(let renewed?) = result else {
                application.metrics.tokenRefreshRefused()
                return client.reply(to: message, as: joinRef, .error, .badToken)
            }
            application.metrics.tokenRefreshed()
            identity = renewed
            expireWithToken()
            client.reply(to: message, as: joinRef, .ok)
        }
    }

    // MARK: Joining

    /// A join under way.
    private struct Join {
        let message: PhoenixMessage
        let member: ChannelMembership
        /// The membership that it replaces.
        let previous: ChannelMembership?
    }

    private func join(_ message: PhoenixMessage, replacing previous: ChannelMembership?) {
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

    // MARK: Members

    private func leave(_ message: PhoenixMessage, _ member: ChannelMembership) {
        remove(member)
        client.reply(to: message, as: member.joinRef, .ok)
        client.notify("phx_close", member)
    }

    private func handle(_ message: PhoenixMessage, _ member: ChannelMembership) {
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
            beginPending()
            future.assumeIsolated().whenComplete { [self] result in
                endPending()
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
    private func remove(_ member: ChannelMembership) {
        guard channels.remove(member) else { return }
        end(member)
    }

    /// Ends a membership that is in the table no more.
    private func end(_ member: ChannelMembership) {
        withdraw(member)
        member.channel.terminate(ChannelContext(membership: member, session: self))
        member.session = nil
    }

    /// Takes back what a member has in the application.
    private func withdraw(_ member: ChannelMembership) {
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
