package import NIOCore
package import RealtimeDomain

/// What is done with one client of a namespace; every call comes on the client's event loop.
package protocol SocketHandler: AnyObject {
    /// The client has been told that it is connected; events may be sent from here on.
    func connected(_ socket: Socket)

    /// What has to be stored for another process to go on with the client; `nil` if none may. See
    /// ``Socket/stateChanged()``.
    var storedState: [UInt8]? { get }

    /// Whether a client that has lost its connection may go on as who it was; asked on `loop`, its new event loop.
    func mayResume(_ request: SocketConnect, on loop: any EventLoop) -> EventLoopFuture<Bool>

    /// The client has come back after ``disconnected(_:_:)``, on its topics as before, and has been told what it missed.
    func resumed(_ socket: Socket)

    /// The client that was let in to come back does not: what it has taken for that is to be given back.
    ///
    /// It may still come later, and is asked for anew then.
    func returnFailed()

    func received(_ event: SocketEvent, _ socket: Socket)

    /// Who the client is; `nil` as long as nobody has said.
    var user: Identity? { get }

    /// The client has been taken off a topic, because it may not be there any more.
    func expelled(from topic: String, _ expulsion: Expulsion, _ socket: Socket)

    /// The client reads again, after events were dropped that may be.
    func lostFleetingEvents(_ socket: Socket)

    /// The client goes on over another connection, ``Socket/connection``.
    func transportChanged(_ socket: Socket)

    /// The client is gone, from the namespace at least; called once. The reason is in Socket.IO's words.
    func disconnected(_ reason: String, _ socket: Socket)
}

extension SocketHandler {
    package var storedState: [UInt8]? { nil }

    package func mayResume(_ request: SocketConnect, on loop: any EventLoop) -> EventLoopFuture<Bool> {
        loop.makeSucceededFuture(true)
    }

    package func resumed(_ socket: Socket) {}

    package func returnFailed() {}

    package var user: Identity? { nil }

    package func expelled(from topic: String, _ expulsion: Expulsion, _ socket: Socket) {}

    package func lostFleetingEvents(_ socket: Socket) {}

    package func transportChanged(_ socket: Socket) {}
}
