package import NIOCore
package import RealtimeHTTP

/// What a client may do on topics of one kind.
///
/// One value serves one client on one topic, from its join until it leaves; every call comes on the connection's event loop
/// and may not block: what takes time is answered later, by a future of that loop. A call that throws, and a future that
/// fails, is a crash: the client is told `phx_error`, and the connection lives on.
package protocol PhoenixChannel: AnyObject {
    /// A client wants to join.
    func join(_ payload: EventContent, _ context: ChannelContext) throws -> JoinOutcome

    /// The join has been answered, and the client is a member.
    func joined(_ context: ChannelContext)

    /// A member has sent an event.
    func handle(_ event: String, _ payload: EventContent, _ context: ChannelContext) throws -> EventOutcome

    /// The member has gone, for whatever reason.
    func terminate(_ context: ChannelContext)
}

extension PhoenixChannel {
    package func joined(_ context: ChannelContext) {}

    package func terminate(_ context: ChannelContext) {}
}

/// The answer to a join.
package enum JoinOutcome: Sendable {
    case joined(EventContent = .emptyObject, catchUp: CatchUp = CatchUp())
    case refused(EventContent)
    /// The answer comes later; until then the connection reads nothing, as in Phoenix.
    case pending(EventLoopFuture<JoinOutcome>)
}

/// What a member is sent right after the answer to its join, before anything that is published.
package struct CatchUp: Sendable {
    /// What is for this member alone.
    package var pushes: [(event: String, payload: EventContent)]
    /// Events that the topic had before, sent as they were then.
    package var events: [TopicEvent]
    /// The seq up to which the member needs no event of the topic.
    package var seq: Int64?

    package init(
        pushes: [(event: String, payload: EventContent)] = [],
        events: [TopicEvent] = [],
        seq: Int64? = nil
    ) {
        self.pushes = pushes
        self.events = events
        self.seq = seq
    }
}

/// What follows an event.
package enum EventOutcome: Sendable {
    case noReply
    case reply(ReplyStatus, EventContent = .emptyObject)
    /// The channel ends, as if the client had left.
    case stop(ReplyStatus, EventContent = .emptyObject)
    /// What follows comes later; other events are handled meanwhile.
    case pending(EventLoopFuture<EventOutcome>)
}
