import NIOCore
import PhoenixProbe
import RealtimeHTTP
import Testing

@testable import RealtimePhoenix

struct ChannelTableTests {
    private final class Member: ChannelTableMember {
        let topic: String
        let joinRef: MessageReference

        init(_ topic: String, _ joinRef: String) {
            self.topic = topic
            self.joinRef = MessageReference(literal: joinRef)
        }
    }

    private func decide(
        _ event: String,
        on topic: String,
        joinRef: String,
        members: [Member],
        limit: Int = 100,
        payload: EventContent = .emptyObject
    ) -> String {
        var table = ChannelTable<Member>(maximumCount: limit)
        for member in members { table.insert(member) }
        let message = PhoenixMessage(
            joinRef: MessageReference(literal: joinRef),
            ref: .null,
            topic: topic,
            event: event,
            payload: payload
        )
        switch table.decide(message) {
        case .heartbeat: return "heartbeat"
        case .refresh(let refresh, let joinRef): return "token \(refresh.token) for \(joinRef.literal)"
        case .join(nil): return "join"
        case .join(let member?): return "join instead of \(member.joinRef.literal)"
        case .tooManyChannels: return "too many"
        case .leave(let member): return "leave \(member.joinRef.literal)"
        case .staleLeave: return "stale"
        case .leaveUnjoined: return "nothing to leave"
        case .event(let member): return "event for \(member.joinRef.literal)"
        case .unmatchedTopic: return "unmatched"
        }
    }

    @Test(arguments: [
        ("heartbeat", "phoenix", "null", "heartbeat"),
        ("other", "phoenix", "null", "unmatched"),
        ("phx_join", "b", "\"9\"", "join"),
        ("phx_join", "a", "\"9\"", "join instead of \"1\""),
        ("phx_leave", "a", "\"1\"", "leave \"1\""),
        ("phx_leave", "a", "null", "leave \"1\""),
        ("phx_leave", "a", "\"2\"", "stale"),
        ("phx_leave", "b", "\"1\"", "nothing to leave"),
        ("echo", "a", "\"1\"", "event for \"1\""),
        ("echo", "a", "\"stale\"", "event for \"1\""),
        ("echo", "b", "\"1\"", "unmatched"),
    ])
    func `a message means what it means to Phoenix`(
        _ event: String,
        _ topic: String,
        _ joinRef: String,
        _ decision: String
    ) {
        #expect(decide(event, on: topic, joinRef: joinRef, members: [Member("a", "\"1\"")]) == decision)
    }

    @Test func `a full table takes no new topic, but a joined one again`() {
        let members = [Member("a", "\"1\""), Member("b", "\"2\"")]
        #expect(decide("phx_join", on: "c", joinRef: "null", members: members, limit: 2) == "too many")
        #expect(decide("phx_join", on: "b", joinRef: "null", members: members, limit: 2) == "join instead of \"2\"")
    }

    @Test(
        arguments: [
            (nil, "1"), ("1.0.0", "1"), ("1.0.9", "1"), ("2.0.0", "2"), ("2.0.7", "2"), ("2.0.0+build.5", "2"),
            ("3.0.0", nil), ("1.1.0", nil), ("2.1.0", nil), ("foo", nil), ("", nil), ("2.0", nil), ("2.0.0.0", nil),
            ("02.0.0", nil), ("2.0.-1", nil), ("2.0.0-rc", nil), ("2.0.", nil),
        ] as [(String?, String?)]
    )
    func `a version picks its serializer or none`(_ vsn: String?, _ version: String?) {
        let serializer = SerializerVersions.negotiate(vsn, .webSocket)
        switch version {
        case "1": #expect(serializer === SerializerVersions.v1)
        case "2": #expect(serializer === SerializerVersions.v2)
        default: #expect(serializer == nil)
        }
    }

    @Test(arguments: [
        ("a", #"{"access_token":"T"}"#, #"token T for "1""#),
        ("phoenix", #"{"access_token":"T"}"#, "token T for null"),
        ("b", #"{"access_token":"T"}"#, "unmatched"),
        ("a", #"{"access_token":null}"#, #"token  for "1""#),
        ("a", #"{"access_token":["T"]}"#, #"token  for "1""#),
        ("a", #"{"token":"T"}"#, #"event for "1""#),
        ("a", #""T""#, #"event for "1""#),
        ("phoenix", "{}", "unmatched"),
    ])
    func `a token is the connection's if the payload has one`(_ topic: String, _ payload: String, _ decision: String) {
        let members = [Member("a", "\"1\"")]
        #expect(
            decide("access_token", on: topic, joinRef: "null", members: members, payload: .text(payload)) == decision
        )
    }

    @Test func `a binary event called access_token is the channel's own`() {
        let payload = EventContent.binary(.init(string: #"{"access_token":"T"}"#))
        let decision = decide("access_token", on: "a", joinRef: "null", members: [Member("a", "1")], payload: payload)
        #expect(decision == "event for 1")
    }
}
