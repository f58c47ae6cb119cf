import EventSchema
import RealtimeDomain
import RealtimeHTTP
import RealtimeTesting
import Testing

@testable import RealtimePhoenix

/// Values of every wrong kind in every field of every event: each is answered, and nothing else happens.
@Suite(.timeLimit(.minutes(1))) struct WrongInputTests {
    private static let events: [(topic: String, event: String, fields: [String])] = [
        ("chat:room:1", "new_message", ["content", "user_id"]),
        ("comments:stream:1", "new_comment", ["content", "timestamp", "user_id"]),
        ("presence:room:1", "update", ["status", "user_id"]),
        ("channel:1", "send_message", ["content", "thread_id", "attachments", "user_id"]),
        ("channel:1", "edit_message", ["message_id", "content"]),
        ("channel:1", "delete_message", ["message_id"]),
        ("channel:1", "add_reaction", ["message_id", "emoji"]),
        ("channel:1", "remove_reaction", ["reaction_id"]),
        ("channel:1", "mark_read", ["message_id"]),
        ("channel:1", "load_older_messages", ["before_id"]),
        ("channel:1", "start_thread", ["message_id"]),
    ]

    private static let wrong = [
        "true", "-1", "1e400", "[]", "{}", #"[{"a":[1]}]"#, #""""#, #"" ""#, #""\u0000""#, #""\ud800""#,
        #""00000000-0000-0000-0000-000000000000""#, #""\#(String(repeating: "x", count: 65_536))""#,
    ]

    /// Values that are right in some field.
    private static let right = [
        "attachments": ["[]"],
        "content": [#""00000000-0000-0000-0000-000000000000""#],
        "status": [#"" ""#, #""\u0000""#, #""00000000-0000-0000-0000-000000000000""#],
    ]

    /// A payload in which all other fields are right.
    private func payload(_ fields: [String], wrong: String, _ value: String) -> String {
        let members = fields.map { field in
            if field == wrong { return #""\#(field)":\#(value)"# }
            switch field {
            case "content": return #""content":"x""#
            case "emoji": return #""emoji":"x""#
            case "status": return #""status":"x""#
            case "user_id": return #""user_id":"a""#
            case "timestamp": return #""timestamp":1"#
            case "attachments": return #""attachments":[]"#
            case "thread_id": return #""thread_id":null"#
            default: return #""\#(field)":"00000000-0000-7000-8000-000000000000""#
            }
        }
        return "{\(members.joined(separator: ","))}"
    }

    @Test func `a field of the wrong kind is answered with an error`() async throws {
        let limits = ChannelLimits(messages: RateLimit(0, per: .seconds(60)), joins: RateLimit(0, per: .seconds(60)))
        try await withGateway(limits: limits) { gateway in
            try await gateway.connect("a") { client in
                for topic in ["chat:room:1", "comments:stream:1", "presence:room:1", "channel:1"] {
                    try await client.send(#"["1","1","\#(topic)","phx_join",{}]"#)
                    _ = try await client.event("phx_reply")
                }
                for (topic, event, fields) in Self.events {
                    for field in fields {
                        for value in Self.wrong where Self.right[field]?.contains(value) != true {
                            let text = payload(fields, wrong: field, value)
                            try await client.send(#"["1","7","\#(topic)","\#(event)",\#(text)]"#)
                            let reply = try await client.event("phx_reply")
                            #expect(reply["status"] == "error", "\(event) \(field) \(value.prefix(40)): \(reply)")
                        }
                    }
                    for text in ["7", "[]", "null", #""x""#] {
                        try await client.send(#"["1","7","\#(topic)","\#(event)",\#(text)]"#)
                        #expect(try await client.event("phx_reply")["status"] == "error", "\(event) \(text)")
                    }
                }
                #expect(try await gateway.conversations.page(of: ConversationKey(.channel, "1")).isEmpty)
            }
        }
    }

    @Test func `a binary payload is answered where our contracts have none`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("a") { client in
                try await client.send(#"["1","1","chat:room:1","phx_join",{}]"#)
                _ = try await client.event("phx_reply")
                let texts = ["1", "2", "chat:room:1", "new_message"].map { Array($0.utf8) }
                try await client.send(binary: [0] + texts.map { UInt8($0.count) } + texts.flatMap { $0 } + [0xFF, 0])
                #expect(try await client.event("phx_reply")["response"]?["reason"] == "invalid_payload")
            }
        }
    }
}
