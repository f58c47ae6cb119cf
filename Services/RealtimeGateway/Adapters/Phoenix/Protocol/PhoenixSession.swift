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
    var client: PhoenixClient
    /// The shard of the connection, whose loop every call here runs on; set when it opens.
    private(set) var shard: Shard?
    var channels: ChannelTable<ChannelMembership>
    /// Messages wait there for the answer to a join or to a new token.
    let inbox = ClientInbox<PhoenixMessage>()
    /// Whose join is being looked into.
    var joining: ChannelMembership?

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
        inbox.opened(connection)
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
        inbox.closed()
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
            inbox.receive(message, dispatch)
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

    /// Handles no further message until `future` has completed and `body` has acted on it.
    func wait<Value>(
        for future: EventLoopFuture<Value>,
        _ body: @escaping (Result<Value, any Error>) -> Void
    ) {
        inbox.wait(for: future, handle: { [self] in dispatch($0) }, body)
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
}
