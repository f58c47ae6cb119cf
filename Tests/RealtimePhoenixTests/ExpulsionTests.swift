import EventSchema
import RealtimeDomain
import RealtimeHTTP
import RealtimeTesting
import Synchronization
import Testing

@testable import RealtimePhoenix

/// Who may not stay goes, over real sockets.
@Suite(.timeLimit(.minutes(1))) struct ExpulsionTests {
    private let channel = ConversationKey(.channel, "c")
    private let denied: JSONValue = ["status": "error", "response": ["reason": "Access denied"]]

    private func join(_ client: WireClient, _ topic: String, ref: String = "1") async throws -> JSONValue {
        try await client.send(#"["\#(ref)","\#(ref)","\#(topic)","phx_join",{}]"#)
        return try await client.event("phx_reply")
    }

    @Test func `a member who is removed from a private channel is out at once, and may not come again`() async throws {
        try await withGateway { gateway in
            try await gateway.describe(ConversationUpdate(channel, access: .private, members: ["alice", "bob"]))
            try await gateway.connect("alice") { alice in
                try await gateway.connect("bob") { bob in
                    #expect(try await join(alice, "channel:c")["status"] == "ok")
                    #expect(try await join(bob, "channel:c", ref: "7")["status"] == "ok")
                    // Who goes before anybody has heard of them is not missed.
                    while try await alice.event("user_joined")["user"]?["id"] != "bob" {}
                    try await gateway.apply(MemberUpdate(channel, userID: "bob", isAdded: false))
                    while true {
                        let frame = try await bob.json()
                        guard frame.arrayValue?[3] == "phx_close" else { continue }
                        #expect(frame == ["7", "7", "channel:c", "phx_close", [:]])
                        break
                    }
                    #expect(try await join(bob, "channel:c", ref: "8") == denied)
                    // The others stay, and see them go.
                    #expect(try await alice.event("user_left") == ["user_id": "bob"])
                    try await gateway.apply(MemberUpdate(channel, userID: "bob", isAdded: true))
                    #expect(try await join(bob, "channel:c", ref: "9")["status"] == "ok")
                }
            }
        }
    }

    @Test func `a room that becomes private keeps its members and admins, on both of its topics`() async throws {
        let room = ConversationKey(.room, "1")
        try await withGateway { gateway in
            try await gateway.connect("alice") { alice in
                try await gateway.connect("root-admin") { root in
                    try await gateway.connect("eve") { eve in
                        for client in [alice, root, eve] {
                            for topic in ["chat:room:1", "presence:room:1"] {
                                #expect(try await join(client, topic)["status"] == "ok")
                            }
                        }
                        try await gateway.describe(ConversationUpdate(room, access: .private, members: ["alice"]))
                        var left: Set<String> = []
                        while left.count < 2 {
                            guard let frame = try await eve.json().arrayValue, frame[3] == "phx_close" else { continue }
                            left.insert(frame[2].stringValue ?? "")
                        }
                        #expect(left == ["chat:room:1", "presence:room:1"])
                        for client in [alice, root] {
                            try await client.send(#"["1","3","chat:room:1","new_message",{"content":"still here"}]"#)
                            #expect(try await client.event("new_message")["content"] == "still here")
                            #expect(try await client.event("phx_reply")["status"] == "ok")
                        }
                    }
                }
            }
        }
    }

    @Test func `who may stay nobody can tell has to join again`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("eve") { eve in
                _ = try await join(eve, "channel:c")
                await gateway.server.hub.expel(from: channel, .toAskAgain) { $0.userID == "eve" }
                #expect(try await eve.event("phx_error") == [:])
                #expect(try await join(eve, "channel:c")["status"] == "ok")
            }
        }
    }

    /// Lets everybody in, but takes its time until it is told to.
    private final class Slow: ConversationAuthorizer {
        private let (asked, asking) = AsyncStream.makeStream(of: Void.self)
        private let (answers, answering) = AsyncStream.makeStream(of: Void.self)

        func admits(_ identity: Identity, to conversation: ConversationKey) async throws(Refusal) -> Bool {
            asking.yield()
            for await _ in answers { break }
            return true
        }

        func untilAsked() async { for await _ in asked { break } }

        func answer() { answering.yield() }
    }

    @Test func `who is sent away while it is looked into whether they may come does not get in`() async throws {
        let backend = Slow()
        try await withGateway(access: ConversationAccess(authorizer: backend)) { gateway in
            try await gateway.connect("eve") { eve in
                try await eve.send(#"["1","1","channel:c","phx_join",{}]"#)
                await backend.untilAsked()
                await gateway.server.hub.expel(from: channel, .forGood) { $0.userID == "eve" }
                backend.answer()
                #expect(try await eve.event("phx_reply") == denied)
                // Nothing is left of it.
                #expect(await gateway.server.hub.attendees(of: channel) == [])
                try await eve.send(#"["1","2","channel:c","phx_join",{}]"#)
                await backend.untilAsked()
                backend.answer()
                #expect(try await eve.event("phx_reply")["status"] == "ok")
                #expect(await gateway.server.hub.attendees(of: channel) == ["eve"])
            }
        }
    }
}
