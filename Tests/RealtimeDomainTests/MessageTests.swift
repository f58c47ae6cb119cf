import EventSchema
import Foundation
import Testing

@testable import RealtimeDomain

struct MessageTests {
    private let alice = Identity(userID: "alice")
    private let noon = Timestamp(milliseconds: 1_704_110_400_000)

    private func draft(
        _ payload: String,
        in kind: ConversationKey.Kind = .stream
    ) throws(Refusal) -> MessageDraft {
        try MessageDraft(Array(payload.utf8).span, in: ConversationKey(kind, "1"), author: alice, at: noon)
    }

    private func refusal(_ payload: String) -> Refusal.Reason? {
        do throws(Refusal) {
            _ = try draft(payload)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `content is handed on as it was spelled`() throws {
        let content = try draft(#"{"content":"\u0048\"\ud83d\udc4b é"}"#).content
        #expect(content.literal == #""\u0048\"\ud83d\udc4b é""#)
        #expect(content.text == "H\"\u{1F44B} é")
    }

    @Test(arguments: [
        ("hello @bob", ["bob"]), ("<@user_123>, @a.b: @bob. @bob", ["user_123", "a.b", "bob"]),
        ("mail me at a@b.com, @", []), ("é@x @x", ["x"]),
    ])
    func `whom a message of a channel names is found`(_ text: String, _ users: [String]) throws {
        #expect(try draft(#"{"content":"\#(text)"}"#, in: .channel).mentions == users)
    }

    @Test(arguments: [
        #"{"content":"x","thread_id":"parent"}"#, #"{"content":"x","thread_id":7}"#,
        #"{"content":"x","attachments":{}}"#, #"{"content":"x","attachments":[7]}"#,
        #"{"content":"x","attachments":[{"id":"a","filename":"f","content_type":"t"}]}"#,
        #"{"content":"x","attachments":[{"id":"a","filename":"f","content_type":"t","url":"file:///etc/passwd"}]}"#,
        #"{"content":"x","attachments":[1,1,1,1,1,1,1,1,1,1,1]}"#,
    ])
    func `a message of a channel brings nothing that cannot be shown`(_ payload: String) {
        #expect(throws: Refusal.self) { try draft(payload, in: .channel) }
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
        (#"{"content":"a\u0000b"}"#, .invalidContent),
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
        #expect(try draft(payload).author.userID == "alice")
    }

    @Test(arguments: [("12345", "12345"), ("1.50", "1.50"), ("0", "0"), ("null", "null")])
    func `a comment keeps its place in the stream as it was spelled`(_ position: String, _ spelled: String) throws {
        let draft = try draft(#"{"content":"Great stream!","timestamp":\#(position)}"#)
        #expect((draft.position ?? "null") == spelled)
    }

    @Test func `ids sort by time`() {
        let ids = (0..<50).map { UUID.timeOrdered(at: Timestamp(milliseconds: 1_704_110_400_000 + $0)).lowercased }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 50)
        #expect(ids.allSatisfy { Array($0)[14] == "7" && "89ab".contains(Array($0)[19]) })
    }
}
