import EventSchema
import Logging
import NIOCore
package import RealtimeDomain
package import RealtimeHTTP

/// One Phoenix connection: reads its messages, keeps its channels, answers in its serializer.
package final class PhoenixSession: WebSocketSession {
    let application: PhoenixApplication
    let identity: Identity
    private let serializer: any PhoenixSerializer
    /// Each holds the other until the connection closes, which any frame that is sent may bring about.
    private var connection: WebSocketConnection?
    /// The shard of the connection, whose loop every call here runs on; set when it opens.
    private(set) var shard: Shard?
    private var channels: ChannelTable<ChannelMembership>

    package init(application: PhoenixApplication, identity: Identity, serializer: any PhoenixSerializer) {
        self.application = application
        self.identity = identity
        self.serializer = serializer
        channels = ChannelTable(maximumCount: application.maximumChannels)
    }

    // MARK: The connection

    package func opened(_ connection: WebSocketConnection) {
        self.connection = connection
        shard = connection.shard
        guard let end = identity.expiresAt else { return }
        let left = max(end.milliseconds - Timestamp.now.milliseconds, 0)
        connection.expire(at: .now() + .milliseconds(left))
    }

    package func closed() {
        for member in channels.removeAll() { end(member) }
        connection = nil
    }

    package func received(_ frame: WebSocketMessage) {
        do throws(MalformedFrame) {
            dispatch(try serializer.decode(frame))
        } catch {
            application.metrics.frameMalformed()
            connection?.close(.internalError)
        }
    }

    private func dispatch(_ message: PhoenixMessage) {
        switch channels.decide(message) {
        case .heartbeat: reply(to: message, as: .null, .ok)
        case .join(let previous): join(message, replacing: previous)
        case .tooManyChannels:
            application.metrics.joinRefused()
            reply(to: message, as: message.joinRef, .error, Self.reason("too many channels joined"))
        case .leave(let member): leave(message, member)
        case .staleLeave: break
        case .leaveUnjoined: reply(to: message, as: message.joinRef, .ok)
        case .event(let member): handle(message, member)
        case .unmatchedTopic: replyUnmatchedTopic(message)
        }
    }

    // MARK: Channels

    private func join(_ message: PhoenixMessage, replacing previous: ChannelMembership?) {
        guard let channel = application.router.channel(for: message.topic) else {
            application.metrics.joinRefused()
            replyUnmatchedTopic(message)
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
        reply(to: message, as: message.joinRef, started(member, message.payload))
        if let previous { notify("phx_close", previous) }
    }

    /// Runs a channel's join and, if it lets the member in, subscribes it; returns the reply.
    private func started(_ member: ChannelMembership, _ payload: EventContent) -> (ReplyStatus, EventContent) {
        let context = ChannelContext(membership: member, session: self)
        do {
            switch try member.channel.join(payload, context) {
            case .joined(let response):
                subscribe(member)
                application.metrics.joined()
                return (.ok, response)
            case .refused(let response):
                application.metrics.joinRefused()
                withdraw(member)
                return (.error, response)
            }
        } catch {
            application.metrics.channelCrashed()
            withdraw(member)
            return (.error, Self.reason("join crashed"))
        }
    }

    private func subscribe(_ member: ChannelMembership) {
        guard let connection, let shard else {
            // The connection has closed while the channel was joining.
            end(member)
            return
        }
        member.subscription = shard.subscribe(connection, to: member.topic, encoding: serializer)
        channels.insert(member)
    }

    private func leave(_ message: PhoenixMessage, _ member: ChannelMembership) {
        remove(member)
        reply(to: message, as: member.joinRef, .ok)
        notify("phx_close", member)
    }

    private func handle(_ message: PhoenixMessage, _ member: ChannelMembership) {
        do {
            let context = ChannelContext(membership: member, session: self)
            switch try member.channel.handle(message.event, message.payload, context) {
            case .noReply: break
            case .reply(let status, let response): reply(to: message, as: member.joinRef, status, response)
            case .stop(let status, let response):
                remove(member)
                reply(to: message, as: member.joinRef, status, response)
                notify("phx_close", member)
            }
        } catch {
            application.metrics.channelCrashed()
            remove(member)
            notify("phx_error", member)
        }
    }

    /// Ends a membership, unless the connection has closed meanwhile, which ended it already.
    private func remove(_ member: ChannelMembership) {
        guard channels.remove(member) else { return }
        end(member)
    }

    /// Ends a membership that is in the table no more.
    private func end(_ member: ChannelMembership) {
        if let subscription = member.subscription { shard?.unsubscribe(subscription) }
        member.subscription = nil
        withdraw(member)
        member.channel.terminate(ChannelContext(membership: member, session: self))
        member.session = nil
    }

    private func withdraw(_ member: ChannelMembership) {
        guard let shard else { return }
        for presence in member.presences {
            application.presence.untrack(member.topic, presence.key, presence.ref, on: shard)
        }
        member.presences = []
    }

    // MARK: Answers

    private func reply(
        to message: PhoenixMessage,
        as joinRef: MessageReference,
        _ status: ReplyStatus,
        _ response: EventContent = .emptyObject
    ) {
        send(serializer.reply(joinRef, message.ref, topic: message.topic, status, response))
    }

    private func reply(
        to message: PhoenixMessage,
        as joinRef: MessageReference,
        _ reply: (status: ReplyStatus, response: EventContent)
    ) {
        self.reply(to: message, as: joinRef, reply.status, reply.response)
    }

    private func replyUnmatchedTopic(_ message: PhoenixMessage) {
        reply(to: message, as: .null, .error, Self.reason("unmatched topic"))
    }

    /// Tells the client that a channel has ended; both references are the join's.
    private func notify(_ event: String, _ member: ChannelMembership) {
        let joinRef = member.joinRef
        send(serializer.push(joinRef, ref: joinRef, topic: member.topic, event: event, .emptyObject))
    }

    func push(_ event: String, _ payload: EventContent, to member: ChannelMembership) {
        send(serializer.push(member.joinRef, ref: .null, topic: member.topic, event: event, payload))
    }

    private func send(_ frame: ByteBuffer?) {
        guard let frame else { return }
        connection?.send(frame)
    }

    private static func reason(_ text: String) -> EventContent {
        .json(ByteBuffer(bytes: JSONValue.object(["reason": .string(text)]).encoded))
    }
}
