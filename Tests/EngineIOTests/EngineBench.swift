import Foundation
import NIOCore
import RealtimeTesting
import Synchronization

@testable import EngineIO
@testable import RealtimeHTTP

/// A server whose sessions say again what they hear, hear what is published on `burst:1`, and can be looked at.
struct EngineBench: Sendable {
    static let path = "/engine.io/"

    let server: TestServer
    let engine: EngineServer
    let records: Records

    /// What sessions were told.
    final class Records: Sendable {
        private let reasons = AsyncStream.makeStream(of: EngineCloseReason.self)

        func closed(_ reason: EngineCloseReason) { reasons.continuation.yield(reason) }

        func nextReason() async -> EngineCloseReason? {
            for await reason in reasons.stream { return reason }
            return nil
        }
    }

    static func run<Result: Sendable>(
        _ options: EngineOptions = EngineOptions(),
        origins: AllowedOrigins = .any,
        loops: Int = 1,
        limits: ConnectionLimits = ConnectionLimits(),
        _ body: (EngineBench) async throws -> Result
    ) async throws -> Result {
        let records = Records()
        let made = Mutex<EngineServer?>(nil)
        return try await withTestServer(loops: loops, limits: limits, tick: .milliseconds(10)) { hub in
            let engine = EngineServer(path: path, hub: hub, options: options, origins: origins, node: "n1") { _, _ in
                EchoSession(records)
            }
            made.withLock { $0 = engine }
            return [engine]
        } _: { server in
            guard let engine = made.withLock({ $0 }) else { throw CancellationError() }
            return try await body(EngineBench(server: server, engine: engine, records: records))
        }
    }

    func target(_ query: String) -> String { "\(Self.path)?\(query)" }

    func send(_ method: String, _ query: String, _ body: String? = nil, headers: String = "") async throws -> WireReply
    {
        try await WireClient.send(port: server.port, method, target(query), body, headers: headers)
    }

    /// Opens a polling session; returns the query by which it goes on.
    func open() async throws -> String {
        let body = try await send("GET", "EIO=4&transport=polling").body
        return "EIO=4&transport=polling&sid=\(try sid(in: body))"
    }

    func sid(in packet: String) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(packet.utf8.dropFirst())) as? [String: Any]
        guard let sid = object?["sid"] as? String else { throw CancellationError() }
        return sid
    }

    /// Opens a WebSocket while `body` runs.
    func webSocket<Result: Sendable>(
        _ query: String = "EIO=4&transport=websocket",
        _ body: (WireClient) async throws -> Result
    ) async throws -> Result {
        try await WireClient.withWebSocket(port: server.port, target(query), body)
    }

    /// Has come what is due within `time`, whatever the clock says; more each time.
    func pass(_ time: Duration) async throws {
        for shard in server.hub.shards { try await shard.loop.submit { shard.tick(.now() + TimeAmount(time)) }.get() }
    }

    func publish(_ text: String) {
        server.hub.publish(TopicEvent(topic: "burst:1", name: "event", content: .json(ByteBuffer(string: text))))
    }
}

/// Says again what it hears; `close!` has it close, `deadline!` close in its own time, `burst!` say much and close, `pause!`
/// hear no more until it is on a WebSocket.
final class EchoSession: EngineSession {
    private final class Encoding: EventEncoding {
        let framing: EngineFraming

        init(_ framing: EngineFraming) { self.framing = framing }

        func frame(_ event: TopicEvent) -> ByteBuffer? {
            switch event.content {
            case .json(let text): framing.text(capacity: text.readableBytes) { $0.writeImmutableBuffer(text) }
            case .binary(let bytes): framing.binary(bytes)
            }
        }
    }

    private static let webSocket = Encoding(.webSocket)
    private static let polling = Encoding(.polling)

    private let records: EngineBench.Records
    private var socket: EngineSocket?
    private var subscription: Subscription?
    private(set) var deadline: NIODeadline?

    init(_ records: EngineBench.Records) {
        self.records = records
    }

    private func encoding(_ socket: EngineSocket) -> any EventEncoding {
        socket.framing == .polling ? Self.polling : Self.webSocket
    }

    func opened(_ socket: EngineSocket) {
        self.socket = socket
        guard let connection = socket.connection else { return }
        subscription = socket.shard.subscribe(connection, to: "burst:1", encoding: encoding(socket))
    }

    func received(_ message: ClientMessage) {
        guard case .text(let text) = message else {
            if case .binary(let bytes) = message { socket?.sendBinary(bytes) }
            return
        }
        socket?.sendText(capacity: text.readableBytes) { $0.writeImmutableBuffer(text) }
        switch String(buffer: text) {
        case "close!": socket?.close()
        case "burst!":
            for number in 1..<40 { socket?.sendText { $0.writeString("\(number)") } }
            socket?.close()
        case "pause!": socket?.pauseReading()
        case "deadline!":
            deadline = .now() + .milliseconds(20)
            socket?.deadlineChanged()
        default: break
        }
    }

    func deadlinePassed(_ now: NIODeadline) { socket?.close() }

    func transportChanged(_ socket: EngineSocket) {
        guard let old = subscription, let connection = socket.connection else { return }
        subscription = socket.shard.move(old, to: connection, encoding: encoding(socket))
        socket.resumeReading()
    }

    func closed(_ reason: EngineCloseReason) {
        if let subscription { socket?.shard.unsubscribe(subscription) }
        socket = nil
        records.closed(reason)
    }
}

extension EngineBench {
    /// Returns when the only polling session has a poll that waits.
    func untilPolled() async throws { try await until { $0.polling?.isPolled == true } }

    /// Returns when a request with packets is under way.
    func untilPosting() async throws { try await until { $0.isPosting } }

    private func until(_ condition: @escaping @Sendable (EngineSocket) -> Bool) async throws {
        guard let entry = engine.sessions.all.first else { throw CancellationError() }
        while try await !entry.shard.loop.submit({ condition(entry.socket) }).get() { await Task.yield() }
    }
}
