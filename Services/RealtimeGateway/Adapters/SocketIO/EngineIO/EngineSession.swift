package import NIOCore
package import RealtimeDomain
package import RealtimeHTTP

/// What a protocol on top of Engine.IO does with a client; every call comes on the socket's event loop.
package protocol EngineSession: AnyObject {
    /// The client is there; messages may be sent from here on.
    func opened(_ socket: EngineSocket)

    /// A whole message has come, without Engine.IO's packet type.
    func received(_ message: ClientMessage)

    /// The client has gone from polling to a WebSocket: the socket's connection and framing are others from here on.
    ///
    /// What was sent before is on its way already. Subscriptions have to be moved before this returns; see
    /// ``Shard/move(_:to:encoding:)``.
    func transportChanged(_ socket: EngineSocket)

    /// Who is at the other end; `nil` where nobody has to say.
    var user: Identity? { get }

    /// The client may not be on `topic` any more.
    func expel(from topic: String, _ expulsion: Expulsion)

    /// The client reads again, after events were dropped that may be.
    func lostFleetingEvents()

    /// When there is something to do although nothing comes; one that comes earlier than it did is told by
    /// ``EngineSocket/deadlineChanged()``.
    var deadline: NIODeadline? { get }

    func deadlinePassed(_ now: NIODeadline)

    /// The client will get nothing further; called once, whoever closed.
    func closed(_ reason: EngineCloseReason)
}

extension EngineSession {
    package var user: Identity? { nil }

    package func expel(from topic: String, _ expulsion: Expulsion) {}

    package func lostFleetingEvents() {}

    package var deadline: NIODeadline? { nil }

    package func deadlinePassed(_ now: NIODeadline) {}
}

/// Why a session has ended, in Socket.IO's words.
package enum EngineCloseReason: String, Sendable {
    /// The connection went away, or the client said that it goes.
    case transportClose = "transport close"
    /// The client broke the rules of the transport.
    case transportError = "transport error"
    case pingTimeout = "ping timeout"
    case parseError = "parse error"
    /// The application closed it.
    case forcedClose = "forced close"
}
