package import NIOCore
import RealtimeHTTP
package import SocketIO

/// The namespace of Socket.IO's conformance suite: lets everybody in, and says again what it hears.
package struct ProbeNamespace: SocketNamespace {
    package init() {}

    package func connect(_ request: SocketConnect, on loop: any EventLoop) -> SocketAdmission {
        .accepted { ProbeHandler(auth: request.auth) }
    }
}

private final class ProbeHandler: SocketHandler {
    private let auth: ByteBuffer?

    init(auth: ByteBuffer?) {
        self.auth = auth
    }

    func connected(_ socket: Socket) {
        socket.emit("auth", [auth.map(EventContent.json) ?? .emptyObject])
    }

    func received(_ event: SocketEvent, _ socket: Socket) {
        let arguments = event.arguments.map(EventContent.json)
        switch event.name {
        case "message": socket.emit("message-back", arguments, attachments: event.attachments)
        case "message-with-ack": event.acknowledge?(arguments, attachments: event.attachments)
        default: break
        }
    }

    func disconnected(_ reason: String, _ socket: Socket) {}
}
