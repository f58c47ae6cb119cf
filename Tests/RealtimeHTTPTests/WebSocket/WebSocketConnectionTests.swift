import NIOCore
import NIOEmbedded
import RealtimeTesting
import Testing

@testable import RealtimeHTTP

/// A connection in a channel without a socket, whose time is moved by hand.
struct WebSocketConnectionTests {
    private final class Recorder: ClientSession {
        var messages: [ClientMessage] = []
        var closedCount = 0
        var lossCount = 0
        var codes: [CloseCode] = []

        func closing(_ code: CloseCode) { codes.append(code) }
        func opened(_ connection: any ClientConnection) {}
        func received(_ message: ClientMessage) { messages.append(message) }
        func closed() { closedCount += 1 }
        func lostFleetingEvents() { lossCount += 1 }
    }

    private let loop = EmbeddedEventLoop()
    private let hub: Hub
    private let shard: Shard
    private let session = Recorder()
    private let start = NIODeadline.now()

    init() {
        hub = Hub(group: loop)
        shard = hub.nextShard()
    }

    private func open(_ limits: ConnectionLimits = ConnectionLimits()) throws -> (EmbeddedChannel, WebSocketConnection)
    {
        let connection = WebSocketConnection(shard: shard, limits: limits, session: session)
        let channel = EmbeddedChannel(handler: connection, loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return (channel, connection)
    }

    private func sent(_ channel: EmbeddedChannel) throws -> [ByteBuffer] {
        loop.run()
        var frames: [ByteBuffer] = []
        while let frame = try channel.readOutbound(as: ByteBuffer.self) { frames.append(frame) }
        return frames
    }

    private func receive(_ bytes: [UInt8], _ channel: EmbeddedChannel) throws {
        try channel.writeInbound(ByteBuffer(bytes: bytes))
    }

    @Test func `frames are flushed at the end of the turn`() throws {
        let (channel, connection) = try open()
        connection.send(FrameWriter.pong(ByteBuffer(bytes: [1])))
        connection.send(FrameWriter.pong(ByteBuffer(bytes: [2])))
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        #expect(try sent(channel).count == 2)
    }

    @Test func `a session is told why the server closes, and one that comes too late that it did`() throws {
        let (_, connection) = try open()
        connection.close(.policyViolation, "disconnected")
        #expect(session.codes == [.policyViolation])
        let late = Recorder()
        connection.handOver(to: late)
        #expect(late.closedCount == 1)
        #expect(session.closedCount == 1)
    }

    @Test func `a code that the client closes with is not the server's`() throws {
        let (channel, _) = try open()
        try receive(WireClient.frame(0x88, [3, 0xF0]), channel)
        #expect(session.closedCount == 1)
        #expect(session.codes == [])
    }

    @Test func `a ping is answered with its payload`() throws {
        let (channel, _) = try open()
        try receive(WireClient.frame(0x89, [1, 2]), channel)
        #expect(try sent(channel) == [ByteBuffer(bytes: [0x8A, 2, 1, 2])])
    }

    @Test func `a violation closes with its code, and what follows is not looked at`() throws {
        let (channel, _) = try open()
        try receive(WireClient.frame(0x83, [1]) + WireClient.frame(0x81, [65]), channel)
        #expect(try sent(channel) == [FrameWriter.close(.protocolError, "unknown opcode")])
        try receive(WireClient.frame(0x81, [65]), channel)
        #expect(session.messages == [])
        #expect(session.closedCount == 1)
        #expect(channel.isActive)
    }

    @Test(arguments: [
        (WireClient.frame(0x88, [0x03, 0xE8]), FrameWriter.close(.normal)),
        (WireClient.frame(0x88, [0x0F, 0xA0, 65]), FrameWriter.close(CloseCode(rawValue: 4000))),
        (WireClient.frame(0x88, []), FrameWriter.closeWithoutCode()),
        (WireClient.frame(0x88, [0x03]), FrameWriter.close(.protocolError, "bad close frame")),
        (WireClient.frame(0x88, [0x03, 0xED]), FrameWriter.close(.protocolError, "bad close frame")),
        (WireClient.frame(0x88, [0x03, 0xE8, 0xFF]), FrameWriter.close(.protocolError, "bad close frame")),
    ])
    func `a close frame is answered with its own code`(_ bytes: [UInt8], _ answer: ByteBuffer) throws {
        let (channel, _) = try open()
        try receive(bytes, channel)
        #expect(try sent(channel) == [answer])
        #expect(session.closedCount == 1)
    }

    @Test func `a silent client is closed after the idle time, one that is heard is not`() throws {
        let (channel, _) = try open(ConnectionLimits(idle: .seconds(60)))
        shard.tick(start + .seconds(40))
        try receive(WireClient.frame(0x8A, []), channel)
        shard.tick(start + .seconds(62))
        #expect(try sent(channel) == [])
        shard.tick(start + .seconds(103))
        #expect(try sent(channel) == [FrameWriter.close(.protocolError, "idle timeout")])
    }

    @Test func `a deadline beyond a turn of the wheel is kept`() throws {
        let (channel, _) = try open(ConnectionLimits(idle: .seconds(600)))
        for second in stride(from: 1, to: 595, by: 7) { shard.tick(start + .seconds(Int64(second))) }
        #expect(try sent(channel) == [])
        shard.tick(start + .seconds(603))
        #expect(try sent(channel).count == 1)
    }

    @Test func `a session ends when its token does`() throws {
        let (channel, connection) = try open()
        connection.expire(at: start + .seconds(10))
        shard.tick(start + .seconds(8))
        #expect(try sent(channel) == [])
        shard.tick(start + .seconds(12))
        #expect(try sent(channel) == [FrameWriter.close(.policyViolation, "token expired")])
    }

    @Test func `a peer that does not answer a close is cut off`() throws {
        let (channel, connection) = try open(ConnectionLimits(closing: .seconds(5)))
        connection.close(.serviceRestart, "service restart")
        _ = try sent(channel)
        shard.tick(start + .seconds(3))
        #expect(channel.isActive)
        shard.tick(start + .seconds(8))
        #expect(!channel.isActive)
        #expect(shard.connectionCount == 0)
    }

    @Test func `the connection ends when the peer has answered the close`() throws {
        let (channel, connection) = try open()
        connection.close(.serviceRestart)
        _ = try sent(channel)
        try receive(WireClient.frame(0x81, [65]), channel)
        #expect(channel.isActive)
        try receive(WireClient.frame(0x88, [0x03, 0xF4]), channel)
        #expect(!channel.isActive)
        #expect(session.messages == [])
    }

    @Test func `after the close nothing is sent any more`() throws {
        let (channel, connection) = try open()
        connection.close(.normal)
        connection.send(FrameWriter.pong(ByteBuffer()))
        connection.close(.internalError)
        #expect(try sent(channel) == [FrameWriter.close(.normal)])
        #expect(session.closedCount == 1)
    }

    @Test func `a connection that goes tells its session once and leaves nothing behind`() throws {
        let (channel, _) = try open()
        #expect(shard.connectionCount == 1)
        try channel.close().wait()
        #expect(session.closedCount == 1)
        #expect(shard.connectionCount == 0)
        #expect(shard.wheel.connections.isEmpty)
    }

    // MARK: Clients that do not read

    private func fill(_ connection: WebSocketConnection, frames: Int) {
        for _ in 0..<frames {
            connection.send(FrameWriter.binary(capacity: 1000) { $0.writeRepeatingByte(1, count: 1000) })
        }
    }

    @Test func `a backlog is sent in order when the client reads again`() throws {
        let (channel, connection) = try open()
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        for number in 1...3 { connection.send(FrameWriter.pong(ByteBuffer(bytes: [UInt8(number)]))) }
        #expect(try sent(channel) == [])
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        #expect(try sent(channel).map { $0.readableBytesView.last } == [1, 2, 3])
    }

    @Test func `a client past its bound is closed with a code to come back on`() throws {
        let (channel, connection) = try open(ConnectionLimits(outboundBytes: 10_000))
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        fill(connection, frames: 9)
        #expect(session.closedCount == 0)
        fill(connection, frames: 1)
        #expect(session.closedCount == 1)
        #expect(try sent(channel) == [FrameWriter.close(.tryAgainLater, "slow consumer")])
    }

    @Test func `a client that takes nothing for too long is closed`() throws {
        let (channel, connection) = try open(ConnectionLimits(stall: .seconds(30)))
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        fill(connection, frames: 1)
        shard.tick(start + .seconds(28))
        #expect(session.closedCount == 0)
        shard.tick(start + .seconds(33))
        #expect(try sent(channel) == [FrameWriter.close(.tryAgainLater, "slow consumer")])
    }

    @Test func `what may be dropped makes way for what must arrive, the oldest first`() throws {
        let counts = CountingMetrics()
        let counters = GatewayMetrics(factory: counts).deliveries(of: "chat:1")
        let (channel, connection) = try open(ConnectionLimits(outboundBytes: 100))
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        func deliver(_ mark: UInt8, _ policy: DeliveryPolicy) {
            _ = connection.deliver(ByteBuffer(repeating: mark, count: 10), in: nil, policy, counters)
        }
        for mark in 1...3 { deliver(UInt8(mark), .mayDrop) }
        for mark in 4...12 { deliver(UInt8(mark), .mustArrive) }
        deliver(13, .mayDrop)
        #expect(session.lossCount == 0)
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        #expect(try sent(channel).map { $0.readableBytesView.first } == [4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
        #expect(session.lossCount == 1)
        #expect(counts["realtime_deliveries.chat"] == 10)
        #expect(counts["realtime_dropped.chat.slow_consumer"] == 3)
    }
}
