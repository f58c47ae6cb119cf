import EventSchema
import NIOCore
import NIOEmbedded
import RealtimeDomain
import Synchronization
import Testing

@testable import RealtimeSocketIO

struct ForumPresenceTests {
    private final class Nodes: NodeMessenger {
        let sent = Mutex<[String]>([])

        func send(_ event: any EventPayload) { sent.withLock { $0.append(type(of: event).eventType) } }
    }

    private let listener: Listener
    private let nodes = Nodes()
    private let presence: ForumPresence
    private let jane = Profile(userID: "2", name: "Jane Smith", avatarURL: "/images/users/avatars/jane.jpg")

    init() throws {
        listener = try Listener(on: "forum:all")
        presence = ForumPresence(hub: listener.hub, node: "a", nodes: nodes) {
            Timestamp(milliseconds: 1_752_921_000_000)
        }
    }

    private let online =
        #"user_online {"avatar":"/images/users/avatars/jane.jpg","last_seen":"2025-07-19T10:30:00Z","#
        + #""name":"Jane Smith","user_id":2}"#
    private let offline = #"user_offline {"last_seen":"2025-07-19T10:30:00Z","user_id":2}"#

    @Test func `the first device brings a user online, the last takes them offline after a moment`() throws {
        presence.arrived(jane)
        presence.arrived(jane)
        #expect(try listener.take() == [online])
        presence.left(jane)
        listener.loop.advanceTime(by: .seconds(2))
        #expect(try listener.take() == [])
        presence.left(jane)
        #expect(try listener.take() == [])
        listener.loop.advanceTime(by: .seconds(1))
        #expect(try listener.take() == [offline])
        #expect(nodes.sent.withLock { $0 } == ["user.online", "user.offline"])
    }

    @Test func `who is back within that moment had not gone`() throws {
        presence.arrived(jane)
        _ = try listener.take()
        presence.left(jane)
        presence.arrived(jane)
        listener.loop.advanceTime(by: .seconds(2))
        #expect(try listener.take() == [])
        #expect(presence.count == 1)
    }

    @Test func `who is on another node, too, is offline when both have seen them go`() throws {
        let elsewhere = UserStatus(jane, node: "b", at: Timestamp(milliseconds: 1_752_921_000_000))
        presence.tell(elsewhere, isOnline: true)
        presence.tell(elsewhere, isOnline: true)
        #expect(try listener.take() == [online])
        presence.arrived(jane)
        presence.left(jane)
        listener.loop.advanceTime(by: .seconds(1))
        #expect(try listener.take() == [])
        presence.tell(elsewhere, isOnline: false)
        #expect(try listener.take() == [offline])
        // What this node said itself comes back over the bus.
        presence.tell(UserStatus(jane, node: "a", at: .now), isOnline: true)
        #expect(try listener.take() == [])
    }
}
