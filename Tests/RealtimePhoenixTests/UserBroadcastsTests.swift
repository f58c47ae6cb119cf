import EventSchema
import Foundation
import NIOCore
import NIOEmbedded
import RealtimeDomain
import Testing

@testable import RealtimeHTTP
@testable import RealtimePhoenix

struct UserBroadcastsTests {
    @Test func `a notification goes to its user in the words of contract 1, that it was read to nobody`() throws {
        let loop = EmbeddedEventLoop()
        let hub = Hub(group: loop)
        let channel = EmbeddedChannel(loop: loop)
        let connection = WebSocketConnection(
            shard: hub.nextShard(),
            limits: ConnectionLimits(),
            session: Listener()
        )
        try channel.pipeline.syncOperations.addHandler(connection)
        let subscription = hub.nextShard().subscribe(connection, to: "user:alice", encoding: SerializerVersions.v2)
        let id = try #require(UUID(uuidString: "0192F3A1-9D20-7C11-8B7A-1A2B3C4D5E6F"))
        let notification = UserNotification(
            id: id,
            userID: "alice",
            title: "T",
            body: "b",
            data: ["thread_id": 456],
            createdAt: Timestamp(milliseconds: 1_704_067_200_000)
        )
        let users = UserBroadcasts(hub: hub)
        users.tell(.notificationRead(id, at: Timestamp(milliseconds: 0)), of: "alice")
        users.tell(.notified(notification), of: "bob")
        users.tell(.notified(notification), of: "alice")
        loop.run()
        let frame = try #require(try channel.readOutbound(as: ByteBuffer.self))
        let text = String(buffer: frame).drop { $0 != "[" }
        #expect(
            text == #"[null,null,"user:alice","notification",{"body":"b","created_at":"2024-01-01T00:00:00Z","#
                + #""data":{"thread_id":456},"id":"0192f3a1-9d20-7c11-8b7a-1a2b3c4d5e6f","title":"T"}]"#
        )
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        hub.nextShard().unsubscribe(subscription)
    }

    private final class Listener: ClientSession {
        func opened(_ connection: any ClientConnection) {}
        func received(_ message: ClientMessage) {}
        func closed() {}
    }
}
