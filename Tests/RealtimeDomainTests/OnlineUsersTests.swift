import EventSchema
import Testing

@testable import RealtimeDomain

struct OnlineUsersTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_704_110_400_000 + seconds * 1000) }

    private func change(_ user: String, _ isOnline: Bool, _ seconds: Int64) -> OnlineUsers.Change {
        OnlineUsers.Change(userID: user, isOnline: isOnline, at: at(seconds))
    }

    @Test func `a user is online from the first device on any node to the last`() {
        var online = OnlineUsers()
        #expect(online.arrived("a", on: "n1", at: at(0)) == change("a", true, 0))
        #expect(online.arrived("a", on: "n1", at: at(1)) == nil)
        #expect(online.arrived("a", on: "n2", at: at(2)) == nil)
        #expect(online.lastSeen("a") == nil)
        #expect(online.left("a", "n1", at: at(3)) == nil)
        #expect(online.left("a", "n1", at: at(4)) == nil)
        // It has none there any more.
        #expect(online.left("a", "n1", at: at(5)) == nil)
        #expect(online.isOnline("a"))
        #expect(online.left("a", "n2", at: at(6)) == change("a", false, 6))
        #expect(online.lastSeen("a") == at(6))
        #expect(online.left("a", "n2", at: at(7)) == nil)
        #expect(online.count == 0)
        #expect(online.arrived("a", on: "n1", at: at(8)) == change("a", true, 8))
        #expect(online.lastSeen("a") == nil)
    }

    @Test func `what a node says replaces what it said, whatever others say`() {
        var online = OnlineUsers()
        #expect(online.merge(["b": 2, "a": 1], of: "n1", at: at(0)) == [change("a", true, 0), change("b", true, 0)])
        #expect(online.merge(["a": 1, "c": 1, "x": 0, "y": -1], of: "n2", at: at(1)) == [change("c", true, 1)])
        #expect(online.merge(["b": 2, "a": 1], of: "n1", at: at(2)) == [])
        #expect(online.users(of: "n1") == ["a": 1, "b": 2])
        #expect(online.merge(["c": 3], of: "n1", at: at(3)) == [change("b", false, 3)])
        #expect(online.users(of: "n1") == ["c": 3])
        #expect(Set(online.userIDs) == ["a", "c"])
        #expect(online.forget("n2", at: at(4)) == [change("a", false, 4)])
        #expect(online.forget("n2", at: at(5)) == [])
        #expect(online.forget("n1", at: at(6)) == [change("c", false, 6)])
        #expect(online.count == 0)
    }

    @Test func `nodes that hear of one another in any order agree`() {
        let reports: [(node: String, users: [String: Int])] = [
            ("n1", ["a": 1]), ("n2", ["a": 2, "b": 1]), ("n3", [:]),
        ]
        let orders = [[0, 1, 2], [2, 1, 0], [1, 0, 2, 1, 0]]
        let seen = orders.map { order in
            var online = OnlineUsers()
            for index in order { _ = online.merge(reports[index].users, of: reports[index].node, at: at(0)) }
            return Set(online.userIDs)
        }
        #expect(seen == [["a", "b"], ["a", "b"], ["a", "b"]])
    }

    @Test func `of whom is remembered when they went is bounded`() {
        var online = OnlineUsers(capacity: 2)
        for user in ["a", "b", "c"] {
            _ = online.arrived(user, on: "n", at: at(0))
            _ = online.left(user, "n", at: at(1))
        }
        #expect(["a", "b", "c"].map { online.lastSeen($0) } == [nil, at(1), at(1)])
    }

    @Test func `nodes read what they tell one another`() throws {
        let status = UserStatus(Profile(userID: "a", name: "A", avatarURL: "https://x/a.jpg"), node: "n1", at: at(0))
        let came = try NodeEvents.decode(Envelope(UserOnline(status), source: "n1")) as? UserOnline
        let went = try NodeEvents.decode(Envelope(UserOffline(status), source: "n1")) as? UserOffline
        #expect((came?.status, went?.status) == (status, status))
        #expect(UserOnline(status).json["avatar_url"] == "https://x/a.jpg")
    }
}
