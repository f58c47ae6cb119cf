package import RealtimeHTTP

/// What a client may do on topics of one kind.
///
/// One value serves one client on one topic, from its join until it leaves; every call comes on the connection's event loop
/// and may not block. A call that throws is a crash: the client is told `phx_error`, and the connection lives on.
package protocol PhoenixChannel: AnyObject {
    /// A client wants to join.
    func join(_ payload: EventContent, _ context: ChannelContext) throws -> JoinOutcome

    /// A member has sent an event.
    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) throws -> EventOutcome

    /// The member has gone, for whatever reason.
    func terminate(_ context: ChannelContext)
}

extension PhoenixChannel {
    package func terminate(_ context: ChannelContext) {}
}

/// The answer to a join.
package enum JoinOutcome {
    case joined(EventContent = .emptyObject)
    case refused(EventContent)
}

/// What follows an event.
package enum EventOutcome {
    case noReply
    case reply(ReplyStatus, EventContent = .emptyObject)
    /// The channel ends, as if the client had left.
    case stop(ReplyStatus, EventContent = .emptyObject)
}

/// The channels by the topics they serve.
package struct ChannelRouter: Sendable {
    /// Makes the channel for a topic; `nil` if the topic is not one it serves after all.
    package typealias Factory = @Sendable (_ topic: String) -> (any PhoenixChannel)?

    private var routes: [(pattern: String, factory: Factory)] = []

    package init() {}

    /// Serves the topics that match `pattern`: a name, or a beginning and `*`; the first that matches wins.
    package mutating func on(_ pattern: String, _ factory: @escaping Factory) {
        routes.append((pattern, factory))
    }

    func channel(for topic: String) -> (any PhoenixChannel)? {
        routes.first { Self.matches($0.pattern, topic) }?.factory(topic)
    }

    private static func matches(_ pattern: String, _ topic: String) -> Bool {
        pattern.hasSuffix("*") ? topic.hasPrefix(pattern.dropLast()) : topic == pattern
    }
}
