import EngineIO
import NIOCore
import RealtimeHTTP
import RealtimeTesting
import SocketIO

/// Serves what Socket.IO's conformance suite expects, on the gateway's own Socket.IO library.
///
/// PORT, PING_INTERVAL, PING_TIMEOUT (both in milliseconds) and MAX_PAYLOAD (in bytes) are read from the environment; the
/// line `listening on PORT` says that it is ready.
@main
enum SocketIOProbe {
    static func main() async throws {
        let environment = ProbeEnvironment()
        let server = SocketServer(
            namespaces: ["/": ProbeNamespace(), "/custom": ProbeNamespace()],
            limits: SocketLimits(connectTimeout: environment.connectTimeout)
        )
        try await environment.serve(name: "socketio-probe") { hub in
            server.endpoint(
                hub: hub,
                options: EngineOptions(
                    pingInterval: environment.pingInterval,
                    pingTimeout: environment.pingTimeout,
                    maxPayload: environment.maxPayload
                )
            )
        }
    }
}
