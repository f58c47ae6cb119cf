import EventSchema
import Foundation
import Messaging
import RealtimeDomain
import Testing

@testable import RealtimeBus

/// `conversation.updated` and `member.updated`, from the bus into the tables and to the clients.
@Suite(.timeLimit(.minutes(1))) struct ConversationEventsTests {
    private func described(_ more: String = "", type: String = "private") -> String {
        #"{"conversation_id":"c","kind":"channel","name":"general","type":"\#(type)","description":"d""#
            + #","workspace_id":"w"\#(more)}"#
    }

    private func member(_ user: String, _ action: String, _ more: String = "") -> String {
        #"{"conversation_id":"c","kind":"channel","user_id":"\#(user)","action":"\#(action)"\#(more)}"#
    }

    private let channel = #"{"channel":{"description":"d","id":"c","name":"general","type":"public"}}"#

    // MARK: Writing

    @Test func `an event is written once and told to all nodes under its own id`() async throws {
        try await ManagementBench.run { bench in
            let id = UUID()
            #expect(
                await bench.receive("conversation.updated", described(#","owner_id":"o","members":["a"]"#), id: id)
                    == .acknowledge
            )
            #expect(await bench.receive("member.updated", member("a", "removed")) == .acknowledge)
            // The same again, which would bring the member back.
            #expect(
                await bench.receive("conversation.updated", described(#","owner_id":"o","members":["a"]"#), id: id)
                    == .acknowledge
            )
            await bench.diary.untilPublished(2)
            let key = ConversationKey(.channel, "c")
            let overview = try await bench.management.overview(of: key)
            #expect(overview?.conversation.workspaceID == "w")
            #expect(overview?.conversation.ownerID == "o")
            #expect(overview?.members == [])
            #expect(
                bench.diary.published.map(\.destination.routingKey) == ["conversation.changed", "membership.changed"]
            )
            #expect(bench.diary.published.map(\.destination.exchange) == ["realtime.nodes", "realtime.nodes"])
            #expect(bench.diary.published[0].message.messageID == id.lowercased)
        }
    }

    @Test(arguments: [
        ("conversation.updated", #"{"kind":"room"}"#, "payload.conversation_id: expected string, but it is missing"),
        (
            "conversation.updated", #"{"conversation_id":"a b","kind":"room"}"#,
            "payload.conversation_id: may not hold blanks or control characters"
        ),
        (
            "conversation.updated", #"{"conversation_id":"a","kind":"cave"}"#,
            #"payload.kind: expected one of room, stream, channel, thread, workspace, got "cave""#
        ),
        (
            "conversation.updated", #"{"conversation_id":"a","kind":"room","type":"secret"}"#,
            #"payload.type: expected one of public, private, got "secret""#
        ),
        (
            "conversation.updated", #"{"conversation_id":"a","kind":"room","name":"a\u0000b"}"#,
            "payload.name: may not hold U+0000"
        ),
        (
            "conversation.updated",
            #"{"conversation_id":"a","kind":"room","name":"\#(String(repeating: "é", count: 128))"}"#,
            "payload.name: expected at most 255 bytes, got 256"
        ),
        (
            "conversation.updated", #"{"conversation_id":"a","kind":"room","members":["a","b",""]}"#,
            "payload.members[2]: expected 1 to 255 bytes, got 0"
        ),
        (
            "conversation.updated",
            #"{"conversation_id":"a","kind":"room","members":["a"\#(String(repeating: #","a""#, count: 10_000))]}"#,
            "payload.members: expected at most 10000 elements, got 10001"
        ),
        (
            "conversation.updated", #"{"conversation_id":"a","kind":"room","deleted":"yes"}"#,
            "payload.deleted: expected boolean, got string"
        ),
        (
            "member.updated", #"{"conversation_id":"a","kind":"room","user_id":"u","action":"kicked"}"#,
            #"payload.action: expected one of added, removed, got "kicked""#
        ),
        (
            "member.updated", #"{"conversation_id":"a","kind":"room","action":"added"}"#,
            "payload.user_id: expected string, but it is missing"
        ),
    ])
    func `what is wrong is parked with the path of the field`(
        _ type: String,
        _ payload: String,
        _ reason: String
    ) async throws {
        try await ManagementBench.run { bench in
            #expect(await bench.receive(type, payload) == .park(reason: reason))
            #expect(bench.diary.published.isEmpty)
        }
    }

    // MARK: Telling

    @Test func `a workspace hears of new, changed and deleted channels`() async throws {
        try await ManagementBench.run { bench in
            let payloads = ["", #","members":[]"#, #","deleted":true"#].map { described($0, type: "public") }
            for (index, payload) in payloads.enumerated() {
                await bench.receive("conversation.updated", payload)
                await bench.show(index + 1)
            }
            // As if it had never been.
            await bench.receive("conversation.updated", described(type: "public"))
            await bench.show(4)
            #expect(
                bench.diary.lines == [
                    "workspace:w channel_created \(channel)", "workspace:w channel_updated \(channel)",
                    "workspace:w channel_deleted \(channel)", "workspace:w channel_created \(channel)",
                ]
            )
        }
    }

    @Test func `a channel that moves leaves one workspace and comes to the other`() async throws {
        try await ManagementBench.run { bench in
            await bench.receive("conversation.updated", described(type: "public"))
            await bench.receive("conversation.updated", #"{"conversation_id":"c","kind":"channel","workspace_id":"v"}"#)
            await bench.show(2)
            #expect(
                bench.diary.lines
                    == ["workspace:w channel_deleted \(channel)", "workspace:v channel_created \(channel)"]
            )
        }
    }

    @Test func `a workspace hears once of who comes to a channel and who goes`() async throws {
        try await ManagementBench.run { bench in
            await bench.receive("conversation.updated", described(type: "public"))
            let steps = [
                ("added", #","name":"Bob","avatar_url":"https://x/b.png""#), ("added", ""), ("removed", ""),
                ("removed", ""),
            ]
            for (index, (action, more)) in steps.enumerated() {
                await bench.receive("member.updated", member("bob", action, more))
                await bench.show(index + 2)
                // A repetition of what nodes were told shows nothing.
                await bench.show(index + 2)
            }
            let bob = #"{"avatar_url":"https://x/b.png","id":"bob","name":"Bob"}"#
            #expect(
                bench.diary.lines == [
                    #"workspace:w member_joined {"channel_id":"c","user":\#(bob)}"#,
                    #"user:bob member_joined {"channel_id":"c","user":\#(bob)}"#,
                    #"workspace:w member_left {"channel_id":"c","user_id":"bob"}"#,
                    #"user:bob member_left {"channel_id":"c","user_id":"bob"}"#,
                ]
            )
        }
    }

    @Test func `a workspace hears nothing of private channels`() async throws {
        try await ManagementBench.run { bench in
            await bench.receive("conversation.updated", described())
            await bench.show(1)
            await bench.receive("member.updated", member("bob", "added"))
            await bench.show(2)
            for (index, type) in ["public", "private"].enumerated() {
                await bench.receive("conversation.updated", described(type: type))
                await bench.show(index + 3)
            }
            #expect(
                bench.diary.lines.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
                    == ["user:bob member_joined", "workspace:w channel_created", "workspace:w channel_deleted"]
            )
        }
    }

    @Test(arguments: ["room", "stream", "thread", "workspace"])
    func `of other places than channels no workspace is told`(_ kind: String) async throws {
        try await ManagementBench.run { bench in
            await bench.receive(
                "conversation.updated",
                #"{"conversation_id":"c","kind":"\#(kind)","workspace_id":"w"}"#
            )
            await bench.show(1)
            #expect(bench.diary.lines == [])
        }
    }

    // MARK: Sending away

    @Test func `who is removed from a private channel is sent away before anybody hears of it`() async throws {
        try await ManagementBench.run { bench in
            await bench.receive("conversation.updated", described(#","members":["a","b"]"#))
            bench.diary.attend("a", "b", "root")
            await bench.receive("member.updated", member("b", "removed"))
            await bench.show(2)
            #expect(
                bench.diary.lines == [
                    "expel b from channel:c forGood",
                    #"user:b member_left {"channel_id":"c","user_id":"b"}"#,
                ]
            )
        }
    }

    @Test func `who is on no list of a channel that becomes private is sent away, but for admins`() async throws {
        try await ManagementBench.run { bench in
            bench.diary.attend("a", "b", "root")
            await bench.receive("conversation.updated", described(#","members":["a"]"#))
            await bench.show(1)
            #expect(bench.diary.lines.first == "expel b from channel:c forGood")
        }
    }

    @Test func `nobody is sent away from a public channel, and everybody from a deleted one`() async throws {
        try await ManagementBench.run { bench in
            bench.diary.attend("a", "root")
            await bench.receive("conversation.updated", #"{"conversation_id":"c","kind":"channel","members":["a"]}"#)
            await bench.show(1)
            await bench.receive("member.updated", member("a", "removed"))
            await bench.show(2)
            #expect(bench.diary.lines == [#"user:a member_left {"channel_id":"c","user_id":"a"}"#])
            await bench.receive("conversation.updated", #"{"conversation_id":"c","kind":"channel","deleted":true}"#)
            await bench.show(3)
            #expect(bench.diary.lines.last == "expel a,root from channel:c forGood")
        }
    }

    @Test func `while the store cannot be read, those concerned have to ask again`() async throws {
        try await ManagementBench.run { bench in
            bench.diary.attend("a", "b", "root")
            await bench.receive("conversation.updated", described(#","members":["a"]"#))
            bench.store.breakDown()
            await bench.show(1)
            #expect(bench.diary.lines.first == "expel a,b from channel:c toAskAgain")
        }
    }

    private struct Backend: ConversationAuthorizer {
        func admits(_ identity: Identity, to conversation: ConversationKey) async throws(Refusal) -> Bool { true }
    }

    @Test func `where a backend decides, whom a change concerns has to ask it again`() async throws {
        try await ManagementBench.run(authorizer: Backend()) { bench in
            bench.diary.attend("a", "b")
            await bench.receive("conversation.updated", described(#","members":[]"#))
            await bench.show(1)
            bench.diary.attend("a", "b")
            await bench.receive("member.updated", member("b", "removed"))
            await bench.show(2)
            #expect(
                bench.diary.lines.filter { $0.hasPrefix("expel") }
                    == ["expel a,b from channel:c toAskAgain", "expel b from channel:c toAskAgain"]
            )
        }
    }
}
