import EventSchema
import Foundation
import RealtimeDomain
import RealtimeHTTP
import RealtimeTesting
import Testing

@testable import RealtimePhoenix

/// The examples of contracts 1 and 5, as they are printed there: what a client sends is sent, and what it is shown has every
/// field of the example, of the same kind.
@Suite(.timeLimit(.minutes(1))) struct ContractExamplesTests {
    private let channel = "channel:12345678-1234-5678-1234-123456789012"

    /// Whether `actual` has everything that the example has; where that holds objects in a list, as many as there are.
    private static func covers(_ example: JSONValue, _ actual: JSONValue, at path: String = "") -> [String] {
        switch (example, actual) {
        case (.object(let members), .object(let fields)):
            return members.flatMap { name, value in
                fields[name].map { covers(value, $0, at: "\(path).\(name)") } ?? ["\(path).\(name) is missing"]
            }
        case (.array(let elements), .array(let values)):
            guard let element = elements.first else { return [] }
            return values.flatMap { covers(element, $0, at: "\(path)[]") }
        // A message that belongs to no thread.
        case (.null, .null), (.null, .string): return []
        default: return example.kind == actual.kind ? [] : ["\(path) is \(actual.kind), not \(example.kind)"]
        }
    }

    private func expect(_ event: String, _ payload: JSONValue, _ example: String) throws {
        let faults = Self.covers(try JSONParser.parse(example), payload)
        #expect(faults.isEmpty, "\(event): \(faults.joined(separator: "; ")) in \(payload)")
    }

    // MARK: Contract 1

    @Test func `contract 1 is spoken as it is printed`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("user-123", version: "1.0.0") { client in
                try await client.send(
                    #"{ "topic": "chat:room:123", "event": "phx_join", "payload": {}, "ref": "1" }"#
                )
                _ = try await client.json()
                try await client.send(
                    #"""
                    {
                      "topic": "chat:room:123",
                      "event": "new_message",
                      "payload": {
                        "content": "Hello, world!",
                        "user_id": "user-123"
                      },
                      "ref": "2"
                    }
                    """#
                )
                try expect(
                    "new_message",
                    try await client.json(),
                    #"""
                    {
                      "topic": "chat:room:123",
                      "event": "new_message",
                      "payload": {
                        "id": "msg-456",
                        "content": "Hello, world!",
                        "user_id": "user-123",
                        "timestamp": "2024-01-01T00:00:00Z"
                      },
                      "ref": null
                    }
                    """#
                )
                _ = try await client.json()
                try await client.send(
                    #"{ "topic": "comments:stream:789", "event": "phx_join", "payload": {}, "ref": "1" }"#
                )
                _ = try await client.json()
                try await client.send(
                    #"""
                    {
                      "topic": "comments:stream:789",
                      "event": "new_comment",
                      "payload": {
                        "content": "Great stream!",
                        "timestamp": 12345
                      },
                      "ref": "2"
                    }
                    """#
                )
                #expect(try await client.json()["payload"]?["timestamp"] == 12345)
                #expect(try await client.json()["payload"]?["status"] == "ok")
                try await client.send(
                    #"""
                    {
                      "topic": "presence:room:123",
                      "event": "phx_join",
                      "payload": {
                        "user_id": "user-123",
                        "status": "online"
                      },
                      "ref": "1"
                    }
                    """#
                )
                for _ in 0..<3 { _ = try await client.json() }
                try await gateway.connect("user-456") { other in
                    try await other.send(#"["1","1","presence:room:123","phx_join",{}]"#)
                    let diff = try await client.json()
                    try expect(
                        "presence_diff",
                        diff,
                        #"""
                        {
                          "topic": "presence:room:123",
                          "event": "presence_diff",
                          "payload": {
                            "joins": { "user-456": { "metas": [{"status": "online"}] } },
                            "leaves": {}
                          },
                          "ref": null
                        }
                        """#
                    )
                }
                #expect(
                    try await client.json()["payload"]?["leaves"]?["user-456"]?["metas"]?.arrayValue?.first?["status"]
                        == "offline"
                )
            }
        }
    }

    // MARK: Contract 5

    /// Somebody in the channel, who sends what the contract prints, with the ids that there are.
    private func push(_ client: WireClient, _ event: String, _ payload: String) async throws {
        let payload = try JSONParser.parse(payload)
        try await client.send(#"["1","9","\#(channel)","\#(event)",\#(payload)]"#)
    }

    private static let join = #"{ "user_id": "12345678-1234-5678-1234-123456789012" }"#

    private static let joined = #"""
        {
          "status": "ok",
          "response": {
            "channel": {
              "id": "12345678-1234-5678-1234-123456789012",
              "name": "general",
              "type": "public",
              "description": null
            }
          }
        }
        """#

    private static let message = #"""
        {
          "message": {
            "id": "12345678-1234-5678-1234-123456789012",
            "content": "New message from another user",
            "user": {
              "id": "user_456",
              "name": "Jane Smith",
              "avatar_url": "https://example.com/jane.jpg"
            },
            "channel_id": "channel_123",
            "inserted_at": "2023-09-16T16:45:00Z",
            "attachments": [],
            "reactions": [],
            "mentions": ["user_123"],
            "thread_id": null
          }
        }
        """#

    private static let edited = #"""
        {
          "message": {
            "id": "12345678-1234-5678-1234-123456789012",
            "content": "Updated message content",
            "is_edited": true,
            "edited_at": "2023-09-16T16:50:00Z"
          }
        }
        """#

    private static let state = #"""
        {
          "12345678-1234-5678-1234-123456789012": {
            "metas": [{
              "name": "John Doe",
              "avatar_url": "https://example.com/john.jpg",
              "joined_at": 1694972400,
              "phx_ref": "channel_ref_1"
            }]
          }
        }
        """#

    @Test func `contract 5 is spoken as it is printed`() async throws {
        let tokens = FakeTokens(name: "John Doe", avatarURL: "https://example.com/john.jpg")
        try await withGateway(tokens: tokens) { gateway in
            try await gateway.connect("12345678-1234-5678-1234-123456789012") { client in
                try await client.send(#"["1","1","\#(channel)","phx_join",\#(Self.join)]"#)
                try expect("join", try await client.event("phx_reply"), Self.joined)
                try expect("messages_loaded", try await client.event("messages_loaded"), #"{"messages": []}"#)
                try expect("presence_state", try await client.event("presence_state"), Self.state)

                try await push(
                    client,
                    "send_message",
                    #"""
                    {
                      "content": "Hello everyone! 👋",
                      "temp_id": "temp_123456789",
                      "attachments": [
                        {
                          "id": "attachment_123",
                          "filename": "image.jpg",
                          "content_type": "image/jpeg",
                          "url": "https://files.slackclone.com/attachments/image.jpg"
                        }
                      ]
                    }
                    """#
                )
                let told = try await client.event("new_message")
                try expect("new_message", told, Self.message)
                let sent = try await client.event("message_sent")
                #expect(sent["temp_id"] == "temp_123456789")
                let id = try #require(sent["message"]?["id"]?.stringValue)

                try await push(client, "send_message", #"{ "temp_id": "temp_123456789", "content": "" }"#)
                #expect(
                    try await client.event("message_error")
                        == (try JSONParser.parse(
                            #"{ "temp_id": "temp_123456789", "errors": { "content": ["can't be blank"] } }"#
                        ))
                )
                try await push(
                    client,
                    "edit_message",
                    #"{ "message_id": "\#(id)", "content": "Updated message content" }"#
                )
                try expect("message_updated", try await client.event("message_updated"), Self.edited)
                try expect("message_edited", try await client.event("message_edited"), Self.edited)

                try await push(client, "add_reaction", #"{ "message_id": "\#(id)", "emoji": ":thumbsup:" }"#)
                let added = try await client.event("reaction_added")
                try expect(
                    "reaction_added",
                    added,
                    #"""
                    {
                      "message_id": "12345678-1234-5678-1234-123456789012",
                      "reaction": {
                        "id": "reaction_123",
                        "emoji": ":thumbsup:",
                        "user": { "id": "user_456", "name": "Jane Smith" },
                        "inserted_at": "2023-09-16T16:45:00Z"
                      }
                    }
                    """#
                )
                let reaction = try #require(added["reaction"]?["id"]?.stringValue)
                try await push(client, "remove_reaction", #"{ "reaction_id": "\#(reaction)" }"#)
                try expect(
                    "reaction_removed",
                    try await client.event("reaction_removed"),
                    #"""
                    { "reaction": { "id": "reaction_123", "emoji": ":thumbsup:",
                                    "message_id": "12345678-1234-5678-1234-123456789012" } }
                    """#
                )
                try await push(client, "mark_read", #"{ "message_id": "\#(id)" }"#)
                _ = try await client.event("message_read")

                try await push(client, "start_thread", #"{ "message_id": "\#(id)" }"#)
                try expect(
                    "thread_started",
                    try await client.event("thread_started"),
                    #"""
                    {
                      "message_id": "12345678-1234-5678-1234-123456789012",
                      "thread": { "id": "thread_123", "message_count": 0, "participants": [] }
                    }
                    """#
                )
                try await push(
                    client,
                    "send_message",
                    #"""
                    {
                      "content": "Great point! I agree with this approach.",
                      "thread_id": "\#(id)",
                      "temp_id": "temp_987654321"
                    }
                    """#
                )
                try expect(
                    "thread_reply",
                    try await client.event("thread_reply"),
                    #"""
                    {
                      "thread_id": "thread_123",
                      "reply": {
                        "id": "reply_456",
                        "content": "Thread reply content",
                        "user": { "id": "user_123", "name": "John Doe" },
                        "inserted_at": "2023-09-16T16:45:00Z"
                      }
                    }
                    """#
                )
                try expect(
                    "thread_reply_sent",
                    try await client.event("thread_reply_sent"),
                    #"""
                    {
                      "reply": {
                        "id": "reply_456",
                        "content": "Thread reply content",
                        "thread_id": "thread_123",
                        "inserted_at": "2023-09-16T16:45:00Z"
                      }
                    }
                    """#
                )
                try await push(client, "load_older_messages", #"{ "before_id": "\#(id)" }"#)
                try expect(
                    "older_messages_loaded",
                    try await client.event("older_messages_loaded"),
                    #"""
                    { "messages": [ { "id": "older_message_1", "content": "This is an older message",
                                      "inserted_at": "2023-09-16T15:30:00Z" } ] }
                    """#
                )
                try await push(client, "delete_message", #"{ "message_id": "\#(id)" }"#)
                try expect(
                    "message_deleted",
                    try await client.event("message_deleted"),
                    #"{ "message_id": "12345678-1234-5678-1234-123456789012" }"#
                )
                try await others(gateway, client)
            }
        }
    }

    /// What a client hears of somebody else.
    private func others(_ gateway: GatewayBench, _ client: WireClient) async throws {
        try await gateway.connect("user_789") { other in
            try await other.send(#"["1","1","\#(channel)","phx_join",{}]"#)
            try expect(
                "presence_diff",
                try await client.event("presence_diff"),
                #"""
                {
                  "joins": {
                    "user_789": {
                      "metas": [{
                        "name": "Bob Wilson",
                        "avatar_url": "https://example.com/bob.jpg",
                        "joined_at": 1694972600,
                        "phx_ref": "channel_ref_3"
                      }]
                    }
                  },
                  "leaves": {}
                }
                """#
            )
            try expect(
                "user_joined",
                try await client.event("user_joined"),
                #"""
                { "user": { "id": "user_789", "name": "Bob Wilson", "avatar_url": "https://example.com/bob.jpg" } }
                """#
            )
            try await push(other, "typing_start", "{}")
            try expect(
                "typing_start",
                try await client.event("typing_start"),
                #"{ "user_id": "user_456", "user_name": "Jane Smith", "channel_id": "channel_123" }"#
            )
            try await push(other, "typing_stop", "{}")
            try expect(
                "typing_stop",
                try await client.event("typing_stop"),
                #"{ "user_id": "user_456", "channel_id": "channel_123" }"#
            )
        }
        try expect("user_left", try await client.event("user_left"), #"{ "user_id": "user_456" }"#)
    }

    @Test func `who may not edit any more reads so`() async throws {
        try await withGateway(rules: ConversationRules(editWindow: .seconds(-1))) { gateway in
            try await gateway.connect("a") { client in
                try await client.send(#"["1","1","\#(channel)","phx_join",{}]"#)
                _ = try await client.event("presence_state")
                try await push(client, "send_message", #"{ "content": "x" }"#)
                let id = try #require(try await client.event("message_sent")["message"]?["id"]?.stringValue)
                try await push(client, "edit_message", #"{ "message_id": "\#(id)", "content": "y" }"#)
                #expect(
                    try await client.event("edit_error")
                        == ["message_id": .string(id), "reason": "Edit time limit exceeded"]
                )
            }
        }
    }
}
