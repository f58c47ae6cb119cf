import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import RealtimeTesting
import Testing

@testable import RealtimePhoenix

/// Contract 5 over real sockets; ids that the server makes are read from its answers.
@Suite(.timeLimit(.minutes(1))) struct WorkspaceChannelTests {
    private let channel = "12345678-1234-5678-1234-123456789012"
    private var topic: String { "channel:\(channel)" }

    /// Joins and takes everything that comes with it.
    private func join(_ client: WireClient, _ payload: String = "{}") async throws -> JSONValue {
        try await client.send(#"["1","1","\#(topic)","phx_join",\#(payload)]"#)
        let reply = try await client.event("phx_reply")
        _ = try await client.event("presence_state")
        return reply
    }

    private func push(_ client: WireClient, _ event: String, _ payload: String) async throws {
        try await client.send(#"["1","9","\#(topic)","\#(event)",\#(payload)]"#)
    }

    /// Sends a message and returns it as everybody gets it.
    private func say(_ client: WireClient, _ text: String) async throws -> JSONValue {
        try await push(client, "send_message", #"{"content":"\#(text)"}"#)
        let message = try #require(try await client.event("new_message")["message"])
        _ = try await client.event("phx_reply")
        return message
    }

    private func id(_ message: JSONValue) throws -> String { try #require(message["id"]?.stringValue) }

    // MARK: Joining

    @Test func `a join is answered with the channel, then come messages and who is there`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("user_123") { client in
                try await client.send(#"["1","1","\#(topic)","phx_join",{"user_id":"user_123"}]"#)
                #expect(
                    try await client.json() == [
                        "1", "1", .string(topic), "phx_reply",
                        [
                            "status": "ok",
                            "response": [
                                "channel": [
                                    "id": .string(channel), "name": .string(channel), "type": "public",
                                    "description": nil,
                                ],
                                "recovered": false, "seq": 0, "last_read_message_id": nil,
                            ],
                        ],
                    ]
                )
                #expect(try await client.json() == ["1", nil, .string(topic), "messages_loaded", ["messages": []]])
                let diff = try await client.event("presence_diff")
                let meta = try #require(diff["joins"]?["user_123"]?["metas"]?.arrayValue?.first)
                #expect(meta["name"] == "user_123")
                #expect(meta["joined_at"] == 1_704_110_400)
                #expect(meta["phx_ref"]?.stringValue?.isEmpty == false)
                #expect(try await client.event("presence_state")["user_123"]?["metas"] == [meta])
            }
        }
    }

    @Test func `who claims to be somebody else may not come, nor who is no member`() async throws {
        try await withGateway(access: ConversationAccess(admitsUnknown: false)) { gateway in
            try await gateway.connect("eve") { client in
                try await client.send(#"["1","1","\#(topic)","phx_join",{}]"#)
                #expect(
                    try await client.event("phx_reply")
                        == ["status": "error", "response": ["reason": "Access denied"]]
                )
                try await client.send(#"["1","1","\#(topic)","phx_join",{"user_id":"bob"}]"#)
                #expect(try await client.event("phx_reply")["response"]?["reason"] == "forbidden")
            }
        }
    }

    // MARK: Messages

    @Test func `a message is confirmed to its sender and told to all`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("user_123") { sender in
                try await gateway.connect("user_456") { other in
                    _ = try await join(sender)
                    _ = try await join(other)
                    try await push(
                        sender,
                        "send_message",
                        #"""
                        {"content": "Hello everyone! 👋", "temp_id": "temp_123456789", "attachments": [{
                        "id": "attachment_123", "filename": "image.jpg", "content_type": "image/jpeg",
                        "url": "https://files.slackclone.com/attachments/image.jpg"}]}
                        """#
                    )
                    let told = try await other.event("new_message")
                    let message = try #require(told["message"])
                    #expect(
                        message == [
                            "id": .string(try id(message)), "channel_id": .string(channel), "seq": 1,
                            "content": "Hello everyone! 👋", "inserted_at": "2024-01-01T12:00:00Z",
                            "user": ["id": "user_123", "name": "user_123", "avatar_url": nil],
                            "attachments": [
                                [
                                    "id": "attachment_123", "filename": "image.jpg", "content_type": "image/jpeg",
                                    "url": "https://files.slackclone.com/attachments/image.jpg",
                                ]
                            ],
                            "reactions": [], "mentions": [], "thread_id": nil, "is_edited": false, "edited_at": nil,
                        ]
                    )
                    #expect(try await sender.event("new_message") == told)
                    let sent: JSONValue = ["temp_id": "temp_123456789", "message": message]
                    #expect(try await sender.event("message_sent") == sent)
                    #expect(try await sender.event("phx_reply") == ["status": "ok", "response": sent])
                }
            }
        }
    }

    @Test(arguments: [
        (#"{"content": "", "temp_id": "t"}"#, #"{"errors":{"content":["can't be blank"]},"temp_id":"t"}"#),
        (#"{"temp_id": "t"}"#, #"{"errors":{"content":["can't be blank"]},"temp_id":"t"}"#),
        (#"{"content": 7}"#, #"{"errors":{"content":["must be a string"]}}"#),
        (#"{"content": "x", "thread_id": "no"}"#, #"{"errors":{"thread_id":["must be an id"]}}"#),
        (
            #"{"content": "x", "thread_id": "00000000-0000-7000-8000-000000000000"}"#,
            #"{"errors":{"thread_id":["is no message of this channel"]}}"#
        ),
        (#"{"content": "x", "attachments": 7}"#, #"{"errors":{"attachments":["must be a list of at most 10"]}}"#),
        (
            #"{"content": "x", "user_id": "bob"}"#,
            #"{"errors":{"user_id":["is not the bearer of this connection's token"]}}"#
        ),
    ])
    func `a message that cannot be sent is answered with what is wrong`(
        _ payload: String,
        _ answer: String
    ) async throws {
        try await withGateway { gateway in
            try await gateway.connect("user_123") { client in
                _ = try await join(client)
                try await push(client, "send_message", payload)
                #expect(try await client.event("message_error").description == answer)
                #expect(
                    try await client.event("phx_reply").description == #"{"response":\#(answer),"status":"error"}"#
                )
            }
        }
    }

    @Test func `a message is edited by its author in time`() async throws {
        try await withGateway(rules: ConversationRules(editWindow: .zero)) { gateway in
            try await gateway.connect("user_123") { client in
                _ = try await join(client)
                let message = try await say(client, "Original")
                let edit = #"{"message_id": "\#(try id(message))", "content": "Updated message content"}"#
                try await push(client, "edit_message", edit)
                let updated = try #require(try await client.event("message_updated")["message"])
                #expect(updated["content"] == "Updated message content")
                #expect(updated["is_edited"] == true)
                #expect(updated["edited_at"] == "2024-01-01T12:00:00Z")
                #expect(try await client.event("message_edited")["message"] == updated)
                try await gateway.connect("user_456") { other in
                    _ = try await join(other)
                    try await push(other, "edit_message", edit)
                    let error: JSONValue = [
                        "message_id": .string(try id(message)), "reason": "Only its author may edit a message",
                    ]
                    #expect(try await other.event("edit_error") == error)
                    #expect(try await other.event("phx_reply") == ["status": "error", "response": error])
                    try await push(other, "delete_message", #"{"message_id": "\#(try id(message))"}"#)
                    #expect(try await other.event("phx_reply")["response"]?["reason"] == "forbidden")
                }
                try await push(client, "delete_message", #"{"message_id": "\#(try id(message))"}"#)
                #expect(try await client.event("message_deleted") == ["message_id": message["id"] ?? nil])
            }
        }
    }

    @Test func `older messages are loaded page by page`() async throws {
        try await withGateway(rules: ConversationRules(pageSize: 2)) { gateway in
            try await gateway.connect("user_123") { client in
                _ = try await join(client)
                var messages: [JSONValue] = []
                for number in 1...5 { messages.append(try await say(client, "\(number)")) }
                try await push(client, "load_older_messages", #"{"before_id": "\#(try id(messages[3]))"}"#)
                #expect(
                    try await client.event("older_messages_loaded") == ["messages": [messages[1], messages[2]]]
                )
                _ = try await client.event("phx_reply")
                try await push(client, "load_older_messages", #"{"before_id": "nothing"}"#)
                #expect(try await client.event("phx_reply")["response"]?["reason"] == "invalid_payload")
            }
            try await gateway.connect("user_456") { client in
                try await client.send(#"["1","1","\#(topic)","phx_join",{}]"#)
                let loaded = try await client.event("messages_loaded")["messages"]?.arrayValue
                #expect(loaded?.map { $0["content"] } == ["4", "5"])
            }
        }
    }

    @Test func `a flood of requests is answered, all of it, a few at a time`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("user_123") { client in
                _ = try await join(client)
                let message = try id(try await say(client, "first"))
                for _ in 0..<500 { try await push(client, "load_older_messages", #"{"before_id": "\#(message)"}"#) }
                for _ in 0..<500 { #expect(try await client.event("phx_reply")["status"] == "ok") }
                _ = try await say(client, "still here")
            }
        }
    }

    @Test func `a client that goes in the midst of its join leaves nothing behind`() async throws {
        try await withGateway { gateway in
            for _ in 0..<20 {
                try await gateway.connect("user_123") { client in
                    try await client.send(#"["1","1","\#(topic)","phx_join",{}]"#)
                }
            }
            let hub = gateway.server.hub
            await hub.untilEmpty()
            // What is left to do on the loop comes before this.
            try await hub.loop(of: topic).submit {}.get()
            #expect(hub.topicCount == 0)
        }
    }

    // MARK: Threads, reactions, receipts

    @Test func `a thread is started, replied in and told of`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("user_123") { client in
                _ = try await join(client)
                let parent = try id(try await say(client, "Question"))
                try await push(client, "start_thread", #"{"message_id": "\#(parent)"}"#)
                let started: JSONValue = [
                    "message_id": .string(parent),
                    "thread": ["id": .string(parent), "message_count": 0, "participants": []],
                ]
                #expect(try await client.event("thread_started") == started)
                #expect(try await client.event("phx_reply") == ["status": "ok", "response": started])
                try await push(
                    client,
                    "send_message",
                    #"""
                    {"content": "Great point! I agree with this approach.", "thread_id": "\#(parent)",
                    "temp_id": "temp_987654321"}
                    """#
                )
                let told = try await client.event("thread_reply")
                #expect(told["thread_id"] == .string(parent))
                #expect(told["reply"]?["content"] == "Great point! I agree with this approach.")
                #expect(told["reply"]?["thread_id"] == .string(parent))
                #expect(
                    try await client.event("thread_reply_sent")
                        == ["temp_id": "temp_987654321", "reply": told["reply"] ?? nil]
                )
            }
        }
    }

    @Test func `reactions come and go, and what was read is told`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("user_123") { client in
                _ = try await join(client)
                let message = try id(try await say(client, "Cake"))
                try await push(client, "add_reaction", #"{"message_id": "\#(message)", "emoji": ":thumbsup:"}"#)
                let added = try await client.event("reaction_added")
                let reaction = try id(try #require(added["reaction"]))
                #expect(
                    added == [
                        "message_id": .string(message),
                        "reaction": [
                            "id": .string(reaction), "emoji": ":thumbsup:",
                            "user": ["id": "user_123", "name": "user_123"],
                            "inserted_at": "2024-01-01T12:00:00Z",
                        ],
                    ]
                )
                try await push(client, "remove_reaction", #"{"reaction_id": "\#(reaction)"}"#)
                #expect(
                    try await client.event("reaction_removed") == [
                        "reaction": [
                            "id": .string(reaction), "emoji": ":thumbsup:", "message_id": .string(message),
                        ]
                    ]
                )
                try await push(client, "mark_read", #"{"message_id": "\#(message)"}"#)
                #expect(
                    try await client.event("message_read") == [
                        "channel_id": .string(channel), "user_id": "user_123", "message_id": .string(message),
                        "seq": 1, "read_at": "2024-01-01T12:00:00Z",
                    ]
                )
            }
            try await gateway.connect("user_123") { client in
                let joined = try await join(client)
                #expect(joined["response"]?["last_read_message_id"] != JSONValue.null)
            }
        }
    }

    // MARK: Fleeting things

    @Test func `others see somebody type until it is over`() async throws {
        try await withGateway(limits: ChannelLimits(typingTimeout: .milliseconds(20))) { gateway in
            try await gateway.connect("user_123") { watcher in
                try await gateway.connect("user_456") { typist in
                    _ = try await join(watcher)
                    _ = try await join(typist)
                    try await push(typist, "typing_start", "{}")
                    #expect(
                        try await watcher.event("typing_start")
                            == ["user_id": "user_456", "user_name": "user_456", "channel_id": .string(channel)]
                    )
                    #expect(
                        try await watcher.event("typing_stop")
                            == ["user_id": "user_456", "channel_id": .string(channel)]
                    )
                    try await push(typist, "typing_start", "{}")
                    try await push(typist, "typing_stop", "{}")
                    _ = try await watcher.event("typing_start")
                    _ = try await watcher.event("typing_stop")
                }
            }
        }
    }

    @Test func `who comes with a first device and goes with a last one is named`() async throws {
        try await withGateway { gateway in
            try await gateway.connect("user_123") { watcher in
                _ = try await join(watcher)
                try await gateway.connect("user_789") { phone in
                    _ = try await join(phone)
                    #expect(
                        try await watcher.event("user_joined")
                            == ["user": ["id": "user_789", "name": "user_789", "avatar_url": nil]]
                    )
                    try await gateway.connect("user_789") { laptop in _ = try await join(laptop) }
                }
                let left = try await watcher.json()
                var frames = [left]
                while frames.last?.arrayValue?[3] != "user_left" { frames.append(try await watcher.json()) }
                #expect(frames.last?.arrayValue?[4] == ["user_id": "user_789"])
                #expect(!frames.contains { $0.arrayValue?[3] == "user_joined" })
            }
        }
    }

    // MARK: Limits

    @Test func `who does too much of anything is told when to come back`() async throws {
        let start = ContinuousClock.now
        let limits = ChannelLimits(
            messages: RateLimit(1, per: .seconds(30)),
            joins: RateLimit(1, per: .seconds(30)),
            typing: RateLimit(1, per: .seconds(30)),
            now: { start }
        )
        let refusal: JSONObject = [
            "reason": "rate_limit_exceeded", "retry_after": 30000,
            "message": "Too many requests. Retry after 30 seconds.",
        ]
        try await withGateway(limits: limits) { gateway in
            try await gateway.connect("user_123") { client in
                _ = try await join(client)
                _ = try await say(client, "first")
                try await push(client, "send_message", #"{"content": "second"}"#)
                var withErrors = refusal
                withErrors["errors"] = ["base": ["Too many requests. Retry after 30 seconds."]]
                #expect(
                    try await client.event("phx_reply") == ["status": "error", "response": .object(withErrors)]
                )
                try await push(client, "typing_start", "{}")
                #expect(try await client.event("phx_reply")["status"] == "ok")
                try await push(client, "typing_start", "{}")
                #expect(try await client.event("phx_reply") == ["status": "error", "response": .object(refusal)])
                try await client.send(#"["2","2","channel:other","phx_join",{}]"#)
                #expect(try await client.event("phx_reply") == ["status": "error", "response": .object(refusal)])
            }
        }
    }

    // MARK: Recovery

    @Test(arguments: ["channel:c", "chat:room:r", "comments:stream:s"])
    func `who was away gets what it has missed before anything new`(_ topic: String) async throws {
        let event =
            topic.hasPrefix("channel") ? "send_message" : topic.hasPrefix("chat") ? "new_message" : "new_comment"
        try await withGateway { gateway in
            try await gateway.connect("a") { client in
                try await client.send(#"["1","1","\#(topic)","phx_join",{"last_seq":0}]"#)
                let joined = try await client.event("phx_reply")
                #expect(joined["response"]?["recovered"] == true)
                for number in 1...4 {
                    try await client.send(#"["1","2","\#(topic)","\#(event)",{"content":"\#(number)"}]"#)
                    _ = try await client.event("phx_reply")
                }
                try await gateway.connect("b") { other in
                    try await other.send(#"["1","1","\#(topic)","phx_join",{"last_seq":1}]"#)
                    let back = try await other.event("phx_reply")
                    #expect(back["response"]?["recovered"] == true)
                    #expect(back["response"]?["seq"] == 4)
                    try await client.send(#"["1","2","\#(topic)","\#(event)",{"content":"5"}]"#)
                    let name = topic.hasPrefix("comments") ? "new_comment" : "new_message"
                    var contents: [JSONValue?] = []
                    for _ in 2...5 {
                        let payload = try await other.event(name)
                        contents.append((payload["message"] ?? payload)["content"])
                    }
                    #expect(contents == ["2", "3", "4", "5"])
                    try await other.send(#"["2","2","\#(topic)","phx_join",{"last_seq":99}]"#)
                    #expect(try await other.event("phx_reply")["response"]?["recovered"] == false)
                }
            }
        }
    }

    @Test(arguments: [#"{"last_seq":-1}"#, #"{"last_seq":"1"}"#, #"{"last_message_id":"x"}"#, "[]", "7"])
    func `a join that says nonsense is refused`(_ payload: String) async throws {
        try await withGateway { gateway in
            try await gateway.connect("a") { client in
                try await client.send(#"["1","1","\#(topic)","phx_join",\#(payload)]"#)
                #expect(try await client.event("phx_reply")["response"]?["reason"] == "invalid_payload")
            }
        }
    }
}
