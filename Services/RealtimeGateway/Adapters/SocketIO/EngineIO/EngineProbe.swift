import NIOCore
import RealtimeHTTP

/// A WebSocket that asks to take a polling session over: `2probe`, `3probe`, `5`.
///
/// Whatever else it says closes it, and it alone. It lives on the session's event loop.
final class EngineProbe: ClientSession {
    private let socket: EngineSocket
    private var connection: (any ClientConnection)?
    private var hasProbed = false
    private(set) var deadline: NIODeadline?

    init(_ socket: EngineSocket) {
        self.socket = socket
        deadline = .now() + socket.server.upgradeTimeout
    }

    var messageLimit: Int? { socket.messageLimit }

    func opened(_ connection: any ClientConnection) {
        self.connection = connection
        // A session goes over once, with one WebSocket.
        guard socket.isPolling, socket.probe == nil else { return end() }
        socket.probe = self
    }

    func received(_ message: ClientMessage) {
        guard let connection, case .text(let text) = message else { return end() }
        switch (String(buffer: text), hasProbed) {
        case ("2probe", false):
            hasProbed = true
            connection.send(EnginePacket.probeAnswer)
            socket.endPollForUpgrade()
        case ("5", true):
            socket.probe = nil
            self.connection = nil
            socket.switchTransport(to: connection)
        default: end()
        }
    }

    /// Whether polls are to end, for the client to go over.
    var isReady: Bool { hasProbed }

    func deadlinePassed(_ now: NIODeadline) { end() }

    func end() {
        if socket.probe === self { socket.probe = nil }
        let ended = connection
        connection = nil
        ended?.close(.noStatus)
    }

    func closed() { end() }
}
