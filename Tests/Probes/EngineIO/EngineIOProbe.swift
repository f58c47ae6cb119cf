import EngineIO
import NIOCore
import RealtimeHTTP
import RealtimeTesting

/// Serves a session that says again what it hears, on the gateway's own Engine.IO library, for conformance suites.
///
/// PORT, PING_INTERVAL, PING_TIMEOUT (both in milliseconds) and MAX_PAYLOAD (in bytes) are read from the environment; the
/// line `listening on PORT` says that it is ready.
@main
enum EngineIOProbe {
    static func main() async throws {
        let environment = ProbeEnvironment()
        try await environment.serve(name: "engineio-probe") { hub in
            EngineServer(
                path: "/engine.io/",
                hub: hub,
                options: EngineOptions(
                    pingInterval: environment.pingInterval,
                    pingTimeout: environment.pingTimeout,
                    maxPayload: environment.maxPayload
                )
            ) { _, _ in Echo() }
        }
    }
}

/// Says again what it hears.
private final class Echo: EngineSession {
    private var socket: EngineSocket?

    func opened(_ socket: EngineSocket) { self.socket = socket }

    func received(_ message: ClientMessage) {
        switch message {
        case .text(let text): socket?.sendText(capacity: text.readableBytes) { $0.writeImmutableBuffer(text) }
        case .binary(let bytes): socket?.sendBinary(bytes)
        }
    }

    func transportChanged(_ socket: EngineSocket) {}

    func closed(_ reason: EngineCloseReason) { socket = nil }
}
