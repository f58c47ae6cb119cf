import EventSchema
import Foundation
import Testing

@testable import RealtimeDomain

struct MessageTests {
    private let alice = Identity(userID: "alice")
    private let noon = Timestamp(milliseconds: 1_704_110_400_000)

    private func draft(_ payload: String) throws(Refusal) -> MessageDraft {
        try MessageDraft(Array(payload.utf8).span, author: alice)
    }

    private func refusal(_ payload: String) -> Refusal.Reason? {
        do throws(Refusal) {
            _ = try draft(payload)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a message has the fields of contract 1`() throws {
        let message = ChatMessage(
            try draft(#"{"content":"Hello, world!","user_id":"alice"}"#),
            by: alice,
            at: noon
        )
        let json = try JSONParser.parse(message.payload)
        #expect(
            json == [
                "id": .string(message.id), "content": "Hello, world!", "user_id": "alice",
                "timestamp": "2024-01-01T12:00:00Z",
            ]
        )
        #expect(message.id.hasPrefix("msg-"))
        #expect(UUID(uuidString: String(message.id.dropFirst(4))) != nil)
    }

    @Test func `content is handed on as it was spelled`() throws {
        let message = ChatMessage(try draft(#"{"content":"\u0048\"\ud83d\udc4b é"}"#), by: alice, at: noon)
        #expect(String(decoding: message.payload, as: UTF8.self).contains(#""content":"\u0048\"\ud83d\udc4b é""#))
    }

    @Test(arguments: [
        (#"[]"#, Refusal.Reason.invalidPayload),
        (#"7"#, .invalidPayload),
        (#"{}"#, .invalidContent),
        (#"{"content":null}"#, .invalidContent),
        (#"{"content":7}"#, .invalidContent),
        (#"{"content":["x"]}"#, .invalidContent),
        (#"{"content":""}"#, .invalidContent),
        (#"{"content":" \n\u00a0\t"}"#, .invalidContent),
        (#"{"content":"\ud800"}"#, .invalidContent),
        (#"{"content":"x","user_id":"bob"}"#, .forbidden),
        (#"{"content":"x","user_id":7}"#, .forbidden),
        (#"{"content":"x","timestamp":"soon"}"#, .invalidPayload),
        (#"{"content":"x","timestamp":-1}"#, .invalidPayload),
        (#"{"content":"x","timestamp":true}"#, .invalidPayload),
    ])
    func `a wrong field is refused with its reason`(_ payload: String, _ reason: Refusal.Reason) {
        #expect(refusal(payload) == reason)
    }

    @Test(arguments: ["x", "é", "👋"])
    func `content may have 4,000 characters and no more`(_ character: String) {
        let longest = String(repeating: character, count: 4000)
        #expect(refusal(#"{"content":"\#(longest)"}"#) == nil)
        #expect(refusal(#"{"content":"\#(longest)x"}"#) == .invalidContent)
    }

    @Test(arguments: ["{\"content\":\"x\"}", "{\"content\":\"x\",\"user_id\":null}", "{\"cont\\u0065nt\":\"x\"}"])
    func `who does not say who they are is who the token says`(_ payload: String) throws {
        #expect(ChatMessage(try draft(payload), by: alice, at: noon).userID == "alice")
    }

    @Test(arguments: [("12345", "12345"), ("1.50", "1.50"), ("0", "0"), ("null", "null")])
    func `a comment keeps its place in the stream as it was spelled`(_ position: String, _ spelled: String) throws {
        let comment = StreamComment(
            try draft(#"{"content":"Great stream!","timestamp":\#(position)}"#),
            by: alice,
            at: noon
        )
        let text = String(decoding: comment.payload, as: UTF8.self)
        #expect(text.contains(#""timestamp":\#(spelled),"#))
        #expect(text.contains(#""inserted_at":"2024-01-01T12:00:00Z""#))
        #expect(text.contains(#""user_id":"alice""#))
    }

    @Test func `ids sort by time`() {
        let ids = (0..<50).map { UUID.timeOrdered(at: Timestamp(milliseconds: 1_704_110_400_000 + $0)).lowercased }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 50)
        #expect(ids.allSatisfy { Array($0)[14] == "7" && "89ab".contains(Array($0)[19]) })
    }
}
