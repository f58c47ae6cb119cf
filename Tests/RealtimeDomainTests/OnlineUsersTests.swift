import RealtimeDomain
import Testing

struct OnlineUsersTests {
    @Test func `the first device makes a user online, the last one to go offline`() {
        var users = OnlineUsers()
        #expect(users.set("alice", devices: 1, on: "a") == .online)
        #expect(users.set("alice", devices: 2, on: "a") == nil)
        #expect(users.set("alice", devices: 1, on: "b") == nil)
        #expect(users.set("alice", devices: 0, on: "a") == nil)
        #expect(users.isOnline("alice"))
        #expect(users.set("alice", devices: 0, on: "b") == .offline)
        #expect(!users.isOnline("alice"))
        #expect(users.count == 0)
    }

    @Test func `what comes twice changes nothing`() {
        var users = OnlineUsers()
        #expect(users.set("alice", devices: 0, on: "a") == nil)
        _ = users.set("alice", devices: 1, on: "a")
        #expect(users.set("alice", devices: 1, on: "a") == nil)
        #expect(users.devices(of: "alice", on: "a") == 1)
        #expect(users.devices(of: "alice", on: "b") == 0)
    }

    @Test func `with a node go those who were online there alone`() {
        var users = OnlineUsers()
        for user in ["alice", "bob", "carol"] { _ = users.set(user, devices: 1, on: "a") }
        _ = users.set("bob", devices: 1, on: "b")
        #expect(users.forget("a") == ["alice", "carol"])
        #expect(users.forget("a") == [])
        #expect(users.isOnline("bob"))
    }
}
