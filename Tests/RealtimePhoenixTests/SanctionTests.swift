import EventSchema
import RealtimeDomain
import RealtimeTesting
import Testing

@testable import RealtimePhoenix

/// What moderators impose, as Phoenix clients see it.
@Suite(.timeLimit(.minutes(1))) struct SanctionTests {
    private func decide(
        _ action: ModerationAction,
        in key: ConversationKey,
        _ gateway: GatewayBench
    ) async throws {
        let moderator = Identity(userID: "mod", roles: ["moderator"])
        let noon = Timestamp(milliseconds: 1_704_110_400_000)
        let request = ConversationRequest(.moderate(action), in: key, by: moderator, at: noon)
        _ = try await withCheckedContinuation { continuation in
            gateway.conversations.perform(request) { continuation.resume(returning: $0) }
        }.get()
    }

    private func join(_ client: WireClient, _ topic: String) async throws -> JSONValue {
        try await client.send(#"["1","1","\#(topic)","phx_join",{}]"#)
        return try await client.event("phx_reply")
    }

    @Test func `a muted client of version 2 is told why it may not speak, and for how long`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("bob") { bob in
                #expect(try await join(bob, "chat:room:1")["status"] == "ok")
                let room = ConversationKey(.room, "1")
                try await decide(.mute(user: "bob", reason: "loud", seconds: 300), in: room, gateway)
                try await bob.send(#"["1","2","chat:room:1","new_message",{"content":"hey"}]"#)
                #expect(
                    try await bob.json() == [
                        "1", "2", "chat:room:1", "phx_reply",
                        [
                            "status": "error",
                            "response": [
                                "reason": "muted", "message": "You are muted here", "retry_after": 300_000,
                            ],
                        ],
                    ]
                )
                try await decide(.unmute(user: "bob"), in: room, gateway)
                try await bob.send(#"["1","3","chat:room:1","new_message",{"content":"hey"}]"#)
                #expect(try await bob.event("new_message")["content"] == "hey")
            }
        }
    }

    @Test func `a client in slow mode is told when it may speak again`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("bob") { bob in
                #expect(try await join(bob, "comments:stream:s")["status"] == "ok")
                try await decide(.slowMode(interval: 5), in: ConversationKey(.stream, "s"), gateway)
                for reference in ["2", "3"] {
                    let frame = #"["1","\#(reference)","comments:stream:s","new_comment",{"content":"hey"}]"#
                    try await bob.send(frame)
                }
                #expect(try await bob.event("phx_reply")["status"] == "ok")
                let response = try await bob.event("phx_reply")["response"]
                #expect((response?["reason"], response?["retry_after"]) == ("slow_mode", 5000))
            }
        }
    }

    @Test func `a banned client is closed at once and refused when it comes back`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("bob") { bob in
                for topic in ["comments:stream:s", "chat:room:s"] { _ = try await join(bob, topic) }
                let action = ModerationAction.ban(user: "bob", reason: nil, seconds: nil)
                try await decide(action, in: ConversationKey(.stream, "s"), gateway)
                var closed: Set<String> = []
                while closed.count < 2 {
                    guard let frame = try await bob.json().arrayValue, frame[3] == "phx_close" else { continue }
                    closed.insert(frame[2].stringValue ?? "")
                }
                #expect(closed == ["comments:stream:s", "chat:room:s"])
                let refused: JSONValue = [
                    "status": "error", "response": ["reason": "banned", "message": "You are banned here"],
                ]
                for topic in ["comments:stream:s", "chat:room:s", "presence:room:s"] {
                    #expect(try await join(bob, topic) == refused)
                }
            }
        }
    }
}
