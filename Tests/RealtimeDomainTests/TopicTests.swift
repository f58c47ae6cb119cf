import Testing

@testable import RealtimeDomain

struct TopicTests {
    @Test(arguments: ["chat:room:\u{212A}1", "user:\u{212A}evin", "channel:e\u{301}"])
    func `an id that looks like another but is spelled otherwise names nothing`(_ name: String) {
        #expect(Topic(name) == nil)
    }

    @Test(arguments: [
        ("chat:room:123", Topic.chatRoom("123")),
        ("comments:stream:789", .streamComments("789")),
        ("presence:room:a:b", .roomPresence("a:b")),
        ("thread:456", .thread("456")),
        ("user:user-123", .user("user-123")),
        ("media:7f0c", .media("7f0c")),
    ])
    func `a name of contract 1 is its topic, and back`(_ name: String, _ topic: Topic) {
        #expect(Topic(name) == topic)
        #expect(topic.name == name)
    }

    @Test(arguments: [
        "", "chat", "chat:room", "chat:room:", "chat:room:a b", "chat:room:a\u{7}", "secret:plans", "phoenix",
        "users:1",
        "user:" + String(repeating: "x", count: 256),
    ])
    func `anything else is no topic`(_ name: String) {
        #expect(Topic(name) == nil)
    }

    @Test func `a user's topic is for that user, for admins, and for whom the token says`() {
        let topic = Topic.user("alice")
        #expect(Identity(userID: "alice").mayJoin(topic))
        #expect(!Identity(userID: "bob").mayJoin(topic))
        #expect(!Identity(userID: "bob", roles: ["moderator"]).mayJoin(topic))
        #expect(Identity(userID: "bob", roles: ["admin"]).mayJoin(topic))
        #expect(Identity(userID: "bob", topics: ["user:alice"]).mayJoin(topic))
        #expect(Identity(userID: "bob", topics: ["user:al*"]).mayJoin(topic))
        #expect(!Identity(userID: "bob", topics: ["user:ali", "chat:*"]).mayJoin(topic))
    }

    @Test(arguments: [Topic.chatRoom("1"), .streamComments("1"), .roomPresence("1"), .thread("1"), .media("1")])
    func `the other topics are for everybody with a token`(_ topic: Topic) {
        #expect(Identity(userID: "bob").mayJoin(topic))
    }
}
