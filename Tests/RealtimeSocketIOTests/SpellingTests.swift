import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import Testing

@testable import RealtimeSocketIO

/// What is written down in contracts 3 and 4, field by field.
struct SpellingTests {
    private let now = Timestamp(milliseconds: 1_752_921_000_000)

    @Test func `contract 3 has an error's code, its details and the time`() {
        let refusal = Refusal(.invalidPayload, "can't be blank", field: "thread_id")
        #expect(
            ErrorSpelling.payload(refusal, in: .forum, at: now) == [
                "error": "thread_id can't be blank", "code": "VALIDATION_ERROR",
                "details": ["thread_id": "can't be blank"], "timestamp": "2025-07-19T10:30:00Z",
            ]
        )
        let late = ErrorSpelling.payload(.rateLimited(.milliseconds(1500)), in: .forum, at: now)
        #expect(late["code"] == "RATE_LIMITED")
        #expect(late["details"] == ["retry_after": 2])
    }

    @Test(arguments: [
        (Refusal.badToken, "AUTH_FAILED", "authentication_failed"),
        (.noAccess, "PERMISSION_DENIED", "permission_denied"),
        (.rateLimited(.seconds(1)), "RATE_LIMITED", "rate_limit_exceeded"),
        (Refusal(.banned, "You are banned here"), "PERMISSION_DENIED", "permission_denied"),
        (Refusal(.muted, "You are muted here"), "PERMISSION_DENIED", "permission_denied"),
        (Refusal(.slowMode, "Slow mode"), "RATE_LIMITED", "rate_limit_exceeded"),
        (Refusal(.notFound, "Message not found"), "VALIDATION_ERROR", "invalid_request"),
        (.busy, "SERVER_ERROR", "server_error"),
    ])
    func `each refusal has a word in each contract`(_ refusal: Refusal, _ code: String, _ type: String) {
        #expect(ErrorSpelling.payload(refusal, in: .forum, at: now)["code"] == .string(code))
        #expect(ErrorSpelling.payload(refusal, in: .streams, at: now)["type"] == .string(type))
    }

    @Test func `ids that are numbers to a backend are numbers to its clients`() {
        #expect(ForumSpelling.id("456") == 456)
        #expect(ForumSpelling.id("0") == 0)
        for text in ["0456", "-1", "4.5", "9007199254740993", "user_1", ""] {
            #expect(ForumSpelling.id(text) == .string(text))
        }
    }

    @Test func `a user who is authenticated is told who they are, as contract 3 has it`() {
        let identity = Identity(
            userID: "1",
            name: "John Doe",
            email: "john@example.com",
            roles: ["admin"],
            permissions: ["send_messages", "receive_notifications"]
        )
        #expect(
            ForumSpelling.authenticated(identity, socketID: "abc123def456") == [
                "user": ["id": 1, "name": "John Doe", "email": "john@example.com", "role": "admin"],
                "permissions": ["receive_notifications", "send_messages"], "socketId": "abc123def456",
            ]
        )
    }

    @Test func `slow mode is told in both of contract 4's spellings`() {
        let event = ModerationEvent(
            id: UUID(),
            .slowMode(interval: 5),
            in: ConversationKey(.stream, "stream_qwe456"),
            by: Profile(userID: "mod"),
            at: now
        )
        let events = ModerationSpelling.events(event)
        #expect(events.map(\.name) == ["chat.slow-mode", "chat:slow-mode"])
        #expect(events[0].payload["enabled"] == true)
        #expect(events[0].payload["interval"] == 5)
    }

    // MARK: Reading

    private func fields(_ json: String) throws -> SocketFields { try SocketFields(.json(ByteBuffer(string: json))) }

    @Test(arguments: ["", "[]", "1", "null", "\"x\"", "{"])
    func `what is no object has no fields`(_ json: String) {
        #expect(throws: Refusal.self) { try fields(json) }
    }

    @Test func `fields are checked one by one, and null is none`() throws {
        let fields = try fields(#"{"id":7,"text":"a","none":null,"half":0.5,"yes":true,"blank":"a b","long":"xxxxx"}"#)
        #expect(try fields.id("id") == "7")
        #expect(try fields.id("none") == nil)
        #expect(try fields.share("half") == 0.5)
        #expect(try fields.bool("yes") == true)
        #expect(throws: Refusal.self) { try fields.requiredID("none") }
        #expect(throws: Refusal.self) { try fields.id("blank") }
        #expect(throws: Refusal.self) { try fields.id("half") }
        #expect(throws: Refusal.self) { try fields.text("long", maximum: 4) }
        #expect(throws: Refusal.self) { try fields.integer("half") }
        #expect(throws: Refusal.self) { try fields.bool("id") }
        #expect(throws: Refusal.self) { try fields.message("text") }
        #expect(throws: Refusal.self) { try fields.share("id") }
    }

    @Test func `nobody speaks as another, or under another's name`() throws {
        let named = Identity(userID: "alice", name: "Alice")
        #expect(try fields(#"{"user_id":"alice","username":"Alice"}"#).speaker(named) == named)
        #expect(throws: Refusal.self) { try fields(#"{"user_id":"bob"}"#).speaker(named) }
        #expect(throws: Refusal.self) { try fields(#"{"username":"Bob"}"#).speaker(named) }
        let nameless = Identity(userID: "alice")
        #expect(try fields(#"{"username":"GamerPro"}"#).speaker(nameless).name == "GamerPro")
        #expect(throws: Refusal.self) { try fields(#"{"username":"a\u0007"}"#).speaker(nameless) }
    }
}
