import NIOCore
import NIOEmbedded
import RealtimeDomain
import RealtimeTesting
import Testing

@testable import RealtimeHTTP

struct UserConnectionsTests {
    /// Holds its place as long as it is open.
    private final class Visitor: ClientSession {
        private var place: UserPlace?

        init(_ place: UserPlace?) { self.place = place }

        func opened(_ connection: any ClientConnection) { place?.opened(connection) }
        func received(_ message: ClientMessage) {}
        func closed() { place = nil }
    }

    private let loop = EmbeddedEventLoop()
    private let hub: Hub
    private let alice = Identity(userID: "alice")

    init() {
        hub = Hub(group: loop, connectionsPerUser: 3)
    }

    private func connect(_ place: UserPlace?) -> EmbeddedChannel {
        let connection = WebSocketConnection(
            shard: hub.nextShard(),
            limits: ConnectionLimits(),
            session: Visitor(place)
        )
        return EmbeddedChannel(handler: connection, loop: loop)
    }

    private func sent(_ channel: EmbeddedChannel) throws -> ByteBuffer? {
        loop.run()
        return try channel.readOutbound(as: ByteBuffer.self)
    }

    @Test func `a user has no more places than the bound, and others have their own`() {
        let places = (0..<4).map { _ in hub.users.admit(alice) }
        #expect(places.map { $0 != nil } == [true, true, true, false])
        #expect(hub.users.admit(Identity(userID: "bob")) != nil)
        #expect(hub.users.count(of: "alice") == 3)
    }

    @Test func `with no bound there is none`() {
        let users = UserConnections(limit: 0)
        let places = (0..<500).compactMap { _ in users.admit(alice) }
        #expect(places.count == 500)
    }

    @Test func `a place whose client never got in is given back`() {
        for _ in 0..<10 { #expect(hub.users.admit(alice) != nil) }
        #expect(hub.users.count(of: "alice") == 0)
    }

    @Test func `a place is given back when the connection closes, whoever closes it`() throws {
        let channels = (0..<3).map { _ in connect(hub.users.admit(alice)) }
        #expect(hub.users.connections(of: "alice").count == 3)
        #expect(hub.users.admit(alice) == nil)
        hub.users.connections(of: "alice").first?.close(.normal)
        #expect(hub.users.count(of: "alice") == 2)
        _ = try channels[1].finish()
        try channels[2].writeInbound(ByteBuffer(bytes: WireClient.frame(0x88, [])))
        #expect(hub.users.count(of: "alice") == 0)
        #expect(hub.users.connections(of: "alice").isEmpty)
    }

    @Test func `the bound is exact when all come at once`() async {
        let users = UserConnections(limit: 100)
        let identity = alice
        let places = await withTaskGroup(of: UserPlace?.self) { group in
            for _ in 0..<400 { group.addTask { users.admit(identity) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(places.count { $0 != nil } == 100)
        #expect(users.count(of: "alice") == 100)
    }

    @Test func `disconnecting a user closes what is open and nobody else's`() throws {
        let channels = [alice, alice, Identity(userID: "bob")].map { connect(hub.users.admit($0)) }
        #expect(hub.disconnect("alice") == 2)
        let goodbye = FrameWriter.close(.policyViolation, "disconnected")
        #expect(try channels.map(sent) == [goodbye, goodbye, nil])
        #expect(hub.users.count(of: "alice") == 0)
        #expect(hub.disconnect("alice") == 0)
    }

    @Test func `disconnecting a user reaches who is still on the way in`() throws {
        let early = hub.users.admit(alice)
        hub.disconnect("alice")
        let late = connect(hub.users.admit(alice))
        #expect(try sent(connect(early)) == FrameWriter.close(.policyViolation, "disconnected"))
        #expect(try sent(late) == nil)
    }
}
