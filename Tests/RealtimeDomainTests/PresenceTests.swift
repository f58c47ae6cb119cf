import EventSchema
import Testing

@testable import RealtimeDomain

struct PresenceTests {
    private func meta(_ ref: String, _ status: String = "online") -> PresenceMeta {
        PresenceMeta(ref: ref, fields: ["status": .string(status)], departure: ["status": "offline"])
    }

    private func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    @Test func `a diff has the shape of contract 1`() {
        var room = PresenceRoom()
        room.join("user-123", meta("a"))
        _ = room.takeDiff()
        room.join("user-456", meta("b"))
        room.leave("user-123", "a")
        #expect(
            text(room.takeDiff()) == #"{"joins":{"user-456":{"metas":[{"phx_ref":"b","status":"online"}]}},"#
                + #""leaves":{"user-123":{"metas":[{"phx_ref":"a","status":"offline"}]}}}"#
        )
    }

    @Test func `a user has a meta for each device and leaves with the last`() {
        var room = PresenceRoom()
        room.join("u", meta("1"))
        room.join("u", meta("2", "away"))
        #expect(
            text(room.state)
                == #"{"u":{"metas":[{"phx_ref":"1","status":"online"},{"phx_ref":"2","status":"away"}]}}"#
        )
        room.leave("u", "1")
        #expect(text(room.state) == #"{"u":{"metas":[{"phx_ref":"2","status":"away"}]}}"#)
        room.leave("u", "2")
        #expect(room.isEmpty)
        #expect(text(room.state) == "{}")
    }

    @Test func `who came and went between two diffs is not mentioned`() {
        var room = PresenceRoom()
        room.join("u", meta("1"))
        room.leave("u", "1")
        #expect(room.takeDiff() == nil)
    }

    @Test func `who left and came back on another device is mentioned twice`() {
        var room = PresenceRoom()
        room.join("u", meta("1"))
        _ = room.takeDiff()
        room.leave("u", "1")
        room.join("u", meta("2"))
        #expect(
            text(room.takeDiff()) == #"{"joins":{"u":{"metas":[{"phx_ref":"2","status":"online"}]}},"#
                + #""leaves":{"u":{"metas":[{"phx_ref":"1","status":"offline"}]}}}"#
        )
        #expect(room.takeDiff() == nil)
    }

    @Test func `leaving twice, or never having come, changes nothing`() {
        var room = PresenceRoom()
        room.leave("u", "1")
        room.join("u", meta("1"))
        _ = room.takeDiff()
        room.leave("u", "1")
        room.leave("u", "1")
        #expect(text(room.takeDiff())?.contains(#""leaves":{"u":{"metas":[{"#) == true)
        #expect(!room.hasChanges)
    }

    @Test func `a key is escaped`() {
        var room = PresenceRoom()
        room.join("a\"b", meta("1"))
        #expect(text(room.state)?.hasPrefix(#"{"a\"b":{"metas":"#) == true)
    }

    @Test func `references are 16 characters that need no escaping`() {
        let refs = (0..<100).map { _ in String.presenceRef() }
        #expect(Set(refs).count == 100)
        #expect(refs.allSatisfy { $0.count == 16 && !$0.contains("+") && !$0.contains("/") && !$0.contains("=") })
    }

    @Test(arguments: [
        (#"{"user_id":"alice","status":"away"}"#, "away"), ("{}", "online"), (#"{"status":null}"#, "online"),
    ])
    func `an arrival names a status or is online`(_ payload: String, _ status: String) throws {
        let arrival = try PresenceArrival(Array(payload.utf8).span, of: Identity(userID: "alice"))
        #expect(arrival.status == status)
    }

    @Test(arguments: [
        (#"{"user_id":"bob"}"#, Refusal.Reason.forbidden), (#"{"user_id":7}"#, .forbidden),
        (#"{"status":7}"#, .invalidPayload), (#"{"status":""}"#, .invalidPayload), ("[]", .invalidPayload),
        (#"{"status":"\#(String(repeating: "x", count: 65))"}"#, .invalidPayload),
    ])
    func `a wrong arrival is refused`(_ payload: String, _ reason: Refusal.Reason) {
        let refusal = #expect(throws: Refusal.self) {
            _ = try PresenceArrival(Array(payload.utf8).span, of: Identity(userID: "alice"))
        }
        #expect(refusal?.reason == reason)
    }
}
