import NIOCore
import NIOHTTP1
package import RealtimeHTTP

/// Engine.IO 4 at one path: polling, WebSockets, and the way from the one to the other.
///
/// Its sessions are what `makeSession` makes; it knows nothing of what they say.
package final class EngineServer: WebSocketEndpoint {
    package let path: String
    package let hub: Hub
    package let options: EngineOptions
    let sessions: EngineSessions
    let gate: EngineGate
    private let makeSession: @Sendable (EngineHandshake, Shard) -> any EngineSession
    let pingInterval: TimeAmount
    let pingTimeout: TimeAmount
    let upgradeTimeout: TimeAmount
    let closing: TimeAmount

    /// Serves `path`, which ends in a slash.
    ///
    /// - `origins`: the pages that may connect, any; `node`: this node's name, as it stands in session ids.
    /// - `makeSession`: is called on the event loop of the session's shard.
    package init(
        path: String,
        hub: Hub,
        options: EngineOptions = EngineOptions(),
        origins: AllowedOrigins = .any,
        node: String = "local",
        makeSession: @escaping @Sendable (EngineHandshake, Shard) -> any EngineSession
    ) {
        self.path = path
        self.hub = hub
        self.options = options
        self.makeSession = makeSession
        sessions = EngineSessions(node: node, limit: options.pollingSessions)
        gate = EngineGate(sessions: sessions, origins: origins)
        pingInterval = TimeAmount(options.pingInterval)
        pingTimeout = TimeAmount(options.pingTimeout)
        upgradeTimeout = TimeAmount(options.upgradeTimeout)
        closing = TimeAmount(options.closing)
    }

    /// The node whose session an id names, so that another can hand its requests on; `nil` if it is no id.
    package static func node(of sid: String) -> String? { PollingTokens.node(in: sid) }

    /// How many sessions poll here.
    package var pollingCount: Int { sessions.pollingCount }

    package var responder: (any ExchangeResponder)? { EngineRequests(server: self) }

    // MARK: WebSockets

    package func answer(_ request: UpgradeRequest) async -> UpgradeAnswer {
        let question = EngineGate.Question(
            query: request.query,
            isGet: request.method == .GET,
            origin: request.headers.first(name: "origin"),
            isUpgrade: true
        )
        do throws(EngineError) {
            switch try gate.decide(question) {
            case .session(let entry): return accept(by: entry)
            case .handshake:
                let handshake = EngineHandshake(
                    query: request.query,
                    remoteAddress: request.remoteAddress,
                    forwardedFor: request.headers[canonicalForm: "x-forwarded-for"].map { String($0) }
                )
                return .accept { [self] _ in EngineArrival(server: self, handshake: handshake) }
            }
        } catch {
            hub.metrics.connectRefused("engine_\(error.rawValue)")
            let status: HTTPResponseStatus = error == .forbidden ? .forbidden : .badRequest
            return .refuse(status, body: error.message, headers: ["content-type": "text/html"])
        }
    }

    private func accept(by entry: EngineSessions.Entry) -> UpgradeAnswer {
        .accept { [options] _ in
            RelayEnd(shard: entry.shard, messageLimit: options.maxPayload) { EngineProbe(entry.socket) }
        }
    }

    // MARK: Sessions

    /// Makes a session on its event loop.
    func socket(_ handshake: EngineHandshake, on shard: Shard, id: PollingSessionID?) -> EngineSocket {
        EngineSocket(server: self, shard: shard, id: id, app: makeSession(handshake, shard))
    }

    /// Opens a polling session.
    ///
    /// - Returns: The body of the answer; `nil` if there is no room, or the node is about to go.
    func openPolling(_ handshake: EngineHandshake) -> EventLoopFuture<ByteBuffer?> {
        let shard = hub.nextShard()
        guard sessions.reserve() else { return shard.loop.makeSucceededFuture(nil) }
        return shard.loop.submit { [self] in openPolling(handshake, on: shard) }
    }

    private func openPolling(_ handshake: EngineHandshake, on shard: Shard) -> ByteBuffer? {
        // Said before this loop is told to let its clients go, so that none slips in behind.
        guard !hub.isDraining else {
            sessions.release()
            return nil
        }
        let id = PollingSessionID.random()
        let socket = socket(handshake, on: shard, id: id)
        let connection = PollingConnection(shard: shard, limits: options.polling, session: socket)
        socket.polling = connection
        sessions.insert(EngineSessions.Entry(shard: shard, socket: socket), as: id)
        connection.open()
        return openPacket(sid: sessions.sid(id), framing: .polling)
    }

    func sid(of id: PollingSessionID?) -> String { sessions.sid(id ?? .random()) }

    func openPacket(sid: String, framing: EngineFraming) -> ByteBuffer {
        let upgrades = framing == .polling ? #""websocket""# : ""
        let (interval, timeout) = (options.pingInterval.milliseconds, options.pingTimeout.milliseconds)
        return framing.control(
            #"0{"sid":"\#(sid)","upgrades":[\#(upgrades)],"pingInterval":\#(interval),"pingTimeout":\#(timeout),"#
                + #""maxPayload":\#(options.maxPayload)}"#
        )
    }
}

/// A WebSocket that begins a session, which is made when its shard is known.
private final class EngineArrival: ClientSession {
    private let server: EngineServer
    private let handshake: EngineHandshake

    init(server: EngineServer, handshake: EngineHandshake) {
        self.server = server
        self.handshake = handshake
    }

    var messageLimit: Int? { server.options.maxPayload }

    func opened(_ connection: any ClientConnection) {
        let socket = server.socket(handshake, on: connection.shard, id: nil)
        connection.handOver(to: socket)
        socket.opened(connection)
    }

    func received(_ message: ClientMessage) {}

    func closed() {}
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
