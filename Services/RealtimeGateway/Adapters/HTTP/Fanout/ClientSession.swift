package import NIOCore
package import RealtimeDomain

/// What a protocol does with a client; every call comes on the connection's event loop.
package protocol ClientSession: AnyObject {
    /// The connection is open; frames may be sent from here on.
    func opened(_ connection: any ClientConnection)

    /// A whole message has come.
    func received(_ message: ClientMessage)

    /// The client reads again, after events were dropped that may be: what was built on them has to be told anew.
    func lostFleetingEvents()

    /// When the session has something to do although nothing comes; it then looks after silent clients by itself.
    ///
    /// One that comes earlier than it did is told by ``ClientConnection/deadlineChanged()``.
    var deadline: NIODeadline? { get }

    /// The deadline has come.
    func deadlinePassed(_ now: NIODeadline)

    /// Bytes of the largest message accepted, where the transport's own bound does not fit.
    var messageLimit: Int? { get }

    /// Who is at the other end; `nil` where nobody has to say.
    var user: Identity? { get }

    /// The client may not be on `topic` any more; a join that is still looked into is refused by its subscription, see
    /// ``Subscription/isRevoked``.
    func expel(from topic: String, _ expulsion: Expulsion)

    /// The server closes the connection, and tells the client why; ``closed()`` follows.
    func closing(_ code: CloseCode)

    /// The client will get no further frame; called once, whoever closed.
    func closed()
}

extension ClientSession {
    package var deadline: NIODeadline? { nil }

    package func deadlinePassed(_ now: NIODeadline) {}

    package var messageLimit: Int? { nil }

    package var user: Identity? { nil }

    package func lostFleetingEvents() {}

    package func closing(_ code: CloseCode) {}

    package func expel(from topic: String, _ expulsion: Expulsion) {}
}
