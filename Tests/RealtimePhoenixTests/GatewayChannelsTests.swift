import EventSchema
import Foundation
import RealtimeDomain
import RealtimeHTTP
import RealtimeTesting
import Subprocess
import Testing

@testable import RealtimePhoenix

/// Contract 1 over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct GatewayChannelsTests {
    private func serve(_ body: (TestServer, RealtimeFeed) async throws -> Void) async throws {
        try await withGateway { try await body($0.server, $0.feed) }
    }

    private func connect(
        _ server: TestServer,
        _ user: String,
        version: String = "2.0.0",
        _ body: (WireClient) async throws -> Void
    ) async throws {
        let target = "/socket/websocket?token=\(user)&vsn=\(version)"
        try await WireClient.withWebSocket(port: server.port, target, body)
    }

    private func json(_ received: WireClient.Received) throws -> JSONValue {
        guard case .text(let text) = received else { throw SchemaError(.notJSON, "\(received)") }
        return try JSONParser.parse(text)
    }

    @Test func `a message reaches everybody in the room, in the words of their version`() async throws {
        try await serve { server, _ in
            try await connect(server, "user-123", version: "1.0.0") { one in
                try await connect(server, "user-456") { two in
                    try await one.send(#"{"topic":"chat:room:123","event":"phx_join","payload":{},"ref":"1"}"#)
                    _ = await one.next()
                    try await two.send(#"["1","1","chat:room:123","phx_join",{}]"#)
                    _ = await two.next()
                    try await one.send(
                        #"{"topic":"chat:room:123","event":"new_message","#
                            + #""payload":{"content":"Hello, world!","user_id":"user-123"},"ref":"2"}"#
                    )
                    let message = try json(await one.next())
                    let reply = try json(await one.next())
                    #expect(message["event"] == "new_message")
                    #expect(message["ref"] == .null)
                    let payload = try #require(message["payload"])
                    let id = try #require(payload["id"]?.stringValue)
                    #expect(
                        payload == [
                            "id": .string(id), "content": "Hello, world!", "user_id": "user-123",
                            "timestamp": "2024-01-01T12:00:00Z", "seq": 1,
                        ]
                    )
                    #expect(reply["payload"] == ["status": "ok", "response": ["id": .string(id), "seq": 1]])
                    #expect(try json(await two.next()) == [nil, nil, "chat:room:123", "new_message", payload])
                }
            }
        }
    }

    @Test(arguments: [
        (#"{"content":" "}"#, #"{"message":"content can't be blank","reason":"invalid_content"}"#),
        (#"[]"#, #"{"message":"payload must be an object","reason":"invalid_payload"}"#),
        (
            #"{"content":"x","user_id":"b"}"#,
            #"{"message":"user_id is not the bearer of this connection's token","reason":"forbidden"}"#
        ),
    ])
    func `a message that may not be said is answered with the reason`(
        _ payload: String,
        _ response: String
    ) async throws {
        try await serve { server, _ in
            try await connect(server, "a") { client in
                try await Transcript(
                    #"""
                    > ["1","1","chat:room:1","phx_join",{}]
                    < ["1","1","chat:room:1","phx_reply",{"response":{"recovered":false,"seq":0},"status":"ok"}]
                    > ["1","2","chat:room:1","new_message",\#(payload)]
                    < ["1","2","chat:room:1","phx_reply",{"response":\#(response),"status":"error"}]
                    """#
                ).replay(client)
            }
        }
    }

    @Test func `topics are for whom they are for`() async throws {
        try await serve { server, _ in
            try await connect(server, "a") { client in
                try await Transcript(
                    #"""
                    > ["1","1","user:a","phx_join",{}]
                    < ["1","1","user:a","phx_reply",{"response":{},"status":"ok"}]
                    > ["2","2","user:b","phx_join",{}]
                    < ["2","2","user:b","phx_reply",{"response":{"message":"Insufficient permissions","reason":"forbidden"},"status":"error"}]
                    > ["3","3","secret:plans","phx_join",{}]
                    < [null,"3","secret:plans","phx_reply",{"response":{"reason":"unmatched topic"},"status":"error"}]
                    > ["4","4","chat:room:","phx_join",{}]
                    < [null,"4","chat:room:","phx_reply",{"response":{"reason":"unmatched topic"},"status":"error"}]
                    > ["1","5","user:a","shout",{}]
                    < ["1","5","user:a","phx_reply",{"response":{"message":"'shout' is not an event of this topic","reason":"unknown_event"},"status":"error"}]
                    """#
                ).replay(client)
            }
        }
    }

    @Test func `a comment keeps its place in the stream`() async throws {
        try await serve { server, _ in
            try await connect(server, "a") { client in
                try await client.send(#"["1","1","comments:stream:789","phx_join",{}]"#)
                _ = await client.next()
                try await client.send(
                    #"["1","2","comments:stream:789","new_comment",{"content":"Great stream!","timestamp":12345}]"#
                )
                guard case .array(let frame) = try json(await client.next()) else { return }
                #expect(frame[3] == "new_comment")
                #expect(frame[4]["content"] == "Great stream!")
                #expect(frame[4]["timestamp"] == 12345)
                #expect(frame[4]["inserted_at"] == "2024-01-01T12:00:00Z")
                #expect(frame[4]["user_id"] == "a")
            }
        }
    }

    @Test func `presence tells who is there, on which devices, and who has gone`() async throws {
        try await serve { server, _ in
            let join = #"["1","1","presence:room:123","phx_join",{"user_id":"u","status":"busy"}]"#
            try await connect(server, "watcher") { watcher in
                try await watcher.send(#"["1","1","presence:room:123","phx_join",{}]"#)
                for _ in 0..<3 { _ = await watcher.next() }
                try await connect(server, "u") { phone in
                    try await phone.send(join)
                    let joined = try json(await watcher.next())
                    #expect(Self.metas(joined, "joins", "u").map { $0["status"] } == ["busy"])
                    try await connect(server, "u") { laptop in
                        try await laptop.send(join)
                        _ = await laptop.next()
                        _ = await laptop.next()
                        guard case .array(let state) = try json(await laptop.next()) else { return }
                        #expect(state[3] == "presence_state")
                        #expect(state[4]["u"]?["metas"]?.arrayValue?.count == 2)
                        #expect(state[4]["watcher"]?["metas"]?.arrayValue?.count == 1)
                        _ = await watcher.next()
                    }
                    let left = try json(await watcher.next())
                    #expect(Self.metas(left, "leaves", "u").map { $0["status"] } == ["offline"])
                }
            }
        }
    }

    private static func metas(_ frame: JSONValue, _ side: String, _ user: String) -> [JSONValue] {
        frame.arrayValue?[4][side]?[user]?["metas"]?.arrayValue ?? []
    }

    @Test func `what becomes of media reaches who watches, and who comes late`() async throws {
        let media = "7f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01"
        let payload = #"{"media_id":"\#(media)","user_id":"a","reason":"not_media","message":"m","retryable":false}"#
        let body =
            #"{"event_type":"media.failed","event_id":"\#(media)","timestamp":"2024-01-01T00:00:00Z","#
            + #""source":"t","payload":\#(payload)}"#
        try await serve { server, feed in
            try await connect(server, "a") { client in
                try await client.send(#"["1","1","media:\#(media)","phx_join",{}]"#)
                #expect(
                    await client.next()
                        == .text(#"["1","1","media:\#(media)","phx_reply",{"response":{},"status":"ok"}]"#)
                )
                try feed.accept(Array(body.utf8))
                #expect(await client.next() == .text(#"[null,null,"media:\#(media)","media.failed",\#(payload)]"#))
                try await client.send(#"["2","2","media:\#(media)","phx_join",{}]"#)
                #expect(
                    await client.next()
                        == .text(
                            #"["2","2","media:\#(media)","phx_reply",{"response":"#
                                + #"{"event":"media.failed","payload":\#(payload)},"status":"ok"}]"#
                        )
                )
            }
        }
    }

    @Test func `a client that nobody here wrote is served`() async throws {
        let script = """
            import asyncio, json, sys, websockets
            async def main(port):
                url = f"ws://127.0.0.1:{port}/socket/websocket?token=py&vsn=2.0.0"
                async with websockets.connect(url, open_timeout=20) as socket:
                    await socket.ping()
                    for frame in (["1", "1", "chat:room:py", "phx_join", {}], ["1", "2", "chat:room:py", "new_message", {"content": "hé"}]):
                        await socket.send(json.dumps(frame))
                    frames = [json.loads(await socket.recv()) for _ in range(3)]
                    print(frames[0][4]["status"], frames[1][4]["content"], frames[2][4]["status"])
                    await socket.send("x" * 140000)
                    try:
                        await socket.recv()
                    except websockets.exceptions.ConnectionClosed:
                        print(socket.close_code)
            asyncio.run(main(sys.argv[1]))
            """
        try await serve { server, _ in
            let result = try await Subprocess.run(
                .name("env"),
                arguments: ["/usr/bin/python3", "-c", script, "\(server.port)"],
                output: .string(limit: 65536),
                error: .string(limit: 65536)
            )
            #expect(result.standardOutput == "ok hé ok\n1009\n", "\(result.standardError)")
        }
    }
}
