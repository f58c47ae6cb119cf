import EngineIO
import NIOCore
import RealtimeDomain
import RealtimeTesting
import SocketIO
import SocketIOProbe
import Synchronization

@testable import RealtimeHTTP

/// A server with the probe's namespaces, and one that does what tests need.
struct SocketBench: Sendable {
    let server: TestServer
    let endpoint: EngineServer

    /// No ping comes between the answers of a test, however busy the machine is.
    private static let unhurried = EngineOptions(pingInterval: .seconds(600))

    static func run<Result: Sendable>(
        limits: SocketLimits = SocketLimits(),
        options: EngineOptions = unhurried,
        loops: Int = 1,
        metrics: GatewayMetrics = GatewayMetrics(),
        recovery: RecoveryLog? = nil,
        offsets: OffsetSpelling = .argument,
        vault: (any SessionVault)? = nil,
        _ body: (SocketBench) async throws -> Result
    ) async throws -> Result {
        let made = Mutex<EngineServer?>(nil)
        return try await withTestServer(
            loops: loops,
            tick: .milliseconds(10),
            recovery: recovery ?? RecoveryLog(),
            metrics: metrics
        ) { hub in
            let sockets = SocketServer(
                namespaces: [
                    "/": ProbeNamespace(), "/custom": ProbeNamespace(), "/busy": BusyNamespace(hub: hub),
                    "/denied": DeniedNamespace(),
                ],
                otherwise: { $0.hasPrefix("/any-") ? ProbeNamespace() : nil },
                limits: limits,
                recovery: recovery.map { _ in offsets },
                vault: vault
            )
            let endpoint = sockets.endpoint(hub: hub, options: options)
            made.withLock { $0 = endpoint }
            return [endpoint]
        } _: { server in
            guard let endpoint = made.withLock({ $0 }) else { throw CancellationError() }
            return try await body(SocketBench(server: server, endpoint: endpoint))
        }
    }

    /// Opens a WebSocket, past Engine.IO's handshake, while `body` runs.
    func connection<Result: Sendable>(_ body: (WireClient) async throws -> Result) async throws -> Result {
        try await WireClient.withWebSocket(port: server.port, "/socket.io/?EIO=4&transport=websocket&room=a%20b") {
            _ = await $0.next()
            return try await body($0)
        }
    }

    /// The same, connected to `namespace` and past what it says first.
    func connected<Result: Sendable>(
        _ namespace: String = "/",
        _ body: (WireClient) async throws -> Result
    ) async throws -> Result {
        try await connection { client in
            try await client.send(namespace == "/" ? "40" : "40\(namespace),")
            _ = await client.next()
            _ = await client.next()
            return try await body(client)
        }
    }

    /// Opens a polling session; returns the target of its requests.
    func pollingSession() async throws -> String {
        let target = "/socket.io/?EIO=4&transport=polling"
        let packet = try await WireClient.send(port: server.port, "GET", target).body
        return "\(target)&sid=\(packet.dropFirst(#"0{"sid":""#.count).prefix { $0 != "\"" })"
    }

    /// Has come what is due within `time`, whatever the clock says; more each time.
    func pass(_ time: Duration) async throws {
        for shard in server.hub.shards { try await shard.loop.submit { shard.tick(.now() + TimeAmount(time)) }.get() }
    }

    /// Sends a user away from a topic.
    func expel(_ userID: String, from topic: String) async throws {
        for shard in server.hub.shards {
            try await shard.loop.submit { shard.expel(from: [topic], .forGood) { $0.userID == userID } }.get()
        }
    }

    func publish(_ topic: String, _ name: String, _ content: EventContent) {
        server.hub.publish(TopicEvent(topic: topic, name: name, content: content))
    }
}

extension EventContent {
    static func text(_ json: String) -> EventContent { .json(ByteBuffer(string: json)) }
}

struct DeniedNamespace: SocketNamespace {
    func connect(_ request: SocketConnect, on loop: any EventLoop) -> SocketAdmission {
        switch request.auth.map({ String(buffer: $0) }) {
        case #"{"fails":true}"#: .pending(loop.makeFailedFuture(CancellationError()))
        case #"{"later":true}"#:
            .pending(
                loop.scheduleTask(in: .milliseconds(20)) {
                    .refused("not \"authorized\"", data: ByteBuffer(string: #"{"code":401}"#))
                }.futureResult
            )
        default: .refused("not authorized", data: ByteBuffer(string: #"{"code":401}"#))
        }
    }
}

/// Admits in its own time; joins, asks and disconnects as it is told.
struct BusyNamespace: SocketNamespace {
    let hub: Hub

    func connect(_ request: SocketConnect, on loop: any EventLoop) -> SocketAdmission {
        let room = request.query["room"]
        let hub = hub
        return .pending(
            loop.scheduleTask(in: .milliseconds(20)) { .accepted { BusyHandler(room: room, hub: hub) } }.futureResult
        )
    }
}

extension BusyNamespace {
    func resume(_ session: StoredSession, _ request: SocketConnect, on loop: any EventLoop) -> SocketAdmission {
        guard request.auth.map({ !String(buffer: $0).contains("refuse") }) ?? false else { return .refused("") }
        let (room, hub) = (String(decoding: session.state, as: UTF8.self), hub)
        let user = Identity(userID: room)
        return .pending(loop.makeSucceededFuture(.accepted { BusyHandler(room: room, hub: hub, user: user) }))
    }
}

final class BusyHandler: SocketHandler {
    private let room: String?
    private let hub: Hub
    private(set) var user: Identity?

    init(room: String?, hub: Hub, user: Identity? = nil) {
        self.user = user
        self.room = room
        self.hub = hub
    }

    func connected(_ socket: Socket) {
        socket.emit("hello", [.text("\"\(room ?? "")\""), .text("\"\(socket.namespace)\"")])
    }

    var storedState: [UInt8]? { room.map { Array($0.utf8) } }

    func mayResume(_ request: SocketConnect, on loop: any EventLoop) -> EventLoopFuture<Bool> {
        let auth = request.auth.map { String(buffer: $0) } ?? "refuse"
        guard auth.contains("late") else { return loop.makeSucceededFuture(!auth.contains("refuse")) }
        return loop.makeFutureWithTask { [hub] in
            while hub.connectionCount > 1 { await Task.yield() }
            return true
        }
    }

    func returnFailed() {
        hub.publish(TopicEvent(topic: "reasons:1", name: "failed", content: .emptyObject))
    }

    func resumed(_ socket: Socket) { socket.emit("resumed", [.text("\(socket.topics.count)")]) }

    func received(_ event: SocketEvent, _ socket: Socket) {
        let first = event.content(0)
        switch (event.name, first) {
        case ("user", .json(let text)?): user = Identity(userID: String(buffer: text))
        case ("room", _): socket.emit("room", [.text("\"\(room ?? "")\"")])
        case ("join", .json(let text)?):
            socket.join(String(String(buffer: text).dropFirst().dropLast()))
            event.acknowledge?([.text("\(socket.topics.count)")])
        case ("leave", .json(let text)?):
            socket.leave(String(String(buffer: text).dropFirst().dropLast()))
            event.acknowledge?([.text("\(socket.topics.count)")])
            event.acknowledge?([.text("twice")])
        case ("ask", .json(let text)?):
            socket.emit(
                "question",
                [first ?? .emptyObject],
                timeout: .milliseconds(text.readableBytes > 4 ? 30 : 10_000)
            ) {
                switch $0 {
                case .success(let answer): socket.emit("answered", answer.arguments.indices.compactMap(answer.content))
                case .failure(let failure): socket.emit("unanswered", [.text("\"\(failure)\"")])
                }
            }
        case ("kind", .binary(let bytes)?): socket.emit("bytes", [.text("\(bytes.readableBytes)"), .binary(bytes)])
        case ("hold", .json(let text)?):
            let topic = String(String(buffer: text).dropFirst().dropLast())
            socket.join(topic, isHeld: true)
            event.acknowledge?([])
        case ("revoked", .json(let text)?):
            event.acknowledge?([.text("\(socket.isRevoked(String(String(buffer: text).dropFirst().dropLast())))")])
        case ("pause", _):
            socket.pauseReading()
            _ = socket.shard?.loop.assumeIsolated().scheduleTask(in: .milliseconds(50)) {
                socket.emit("resumes", [])
                socket.resumeReading()
            }
        case ("pause-and-go", _):
            socket.pauseReading()
            socket.disconnect()
        case ("kick-me", _): socket.connection?.close(.policyViolation, "disconnected")
        case ("disconnect-me", _): socket.disconnect()
        case ("close-me", _): socket.disconnect(closing: true)
        default: socket.emit("unknown", [.text("\"\(event.name)\"")])
        }
    }

    func expelled(from topic: String, _ expulsion: Expulsion, _ socket: Socket) {
        socket.emit("expelled", [.text("\"\(topic)\"")])
    }

    func disconnected(_ reason: String, _ socket: Socket) {
        hub.publish(TopicEvent(topic: "reasons:1", name: "gone", content: .text("\"\(reason)\"")))
    }
}

extension SocketBench {
    /// Returns when the server has seen all connections go.
    func untilLost() async throws { await server.hub.untilEmpty() }
}
