import EventSchema
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import RealtimeDomain
import Synchronization
import Testing

@testable import RealtimeHTTP

@Suite(.timeLimit(.minutes(1))) struct ConversationRoutesTests {
    private final class Ingest: EventIngest {
        private let state = Mutex<[Envelope]>([])

        var taken: [Envelope] { state.withLock { $0 } }

        func accept(
            _ envelope: Envelope,
            key: String?,
            request: [UInt8],
            trace: TraceHeaders
        ) async throws(IngestError) -> IngestReceipt {
            state.withLock { $0.append(envelope) }
            return IngestReceipt(eventID: envelope.eventID.lowercased, isRepeated: false)
        }
    }

    private let management = ManagementFake()
    private let ingest = Ingest()

    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String = "",
        key: String? = "k-1",
        to management: ManagementFake? = nil
    ) async throws -> (status: Int, body: JSONValue?) {
        let router = Router()
        router.add(middleware: ErrorDetailMiddleware())
        let (apiKey, management) = (APIKey("k-1"), management ?? self.management)
        ConversationRoutes(management: management, apiKey: apiKey).add(to: router)
        UserRoutes(management: management, apiKey: apiKey).add(to: router)
        BroadcastRoutes(ingest: ingest, apiKey: apiKey, source: "gateway").add(to: router)
        var headers = HTTPFields()
        if let key { headers[try #require(HTTPField.Name("X-WebSocket-API-Key"))] = key }
        return try await Application(router: router).test(.router) { [headers] client in
            try await client.execute(uri: path, method: method, headers: headers, body: ByteBuffer(string: body)) {
                (Int($0.status.code), try? JSONParser.parse(Array($0.body.readableBytesView)))
            }
        }
    }

    // MARK: Conversations

    @Test func `a conversation is made, changed, shown and deleted`() async throws {
        let made = try await send(
            .put,
            "/api/conversations/c",
            #"{"kind":"channel","name":"C","type":"private","description":"d","workspace_id":"w","#
                + #""owner_id":"o","members":["b","a"]}"#
        )
        #expect(made.status == 201)
        let all: JSONValue = [
            "id": "c", "kind": "channel", "name": "C", "type": "private", "description": "d", "workspace_id": "w",
            "owner_id": "o", "last_seq": 7, "member_count": 2, "members": ["a", "b"],
        ]
        #expect(made.body == all)
        #expect(try await send(.put, "/api/conversations/c", #"{"kind":"channel"}"#).status == 200)
        #expect(try await send(.get, "/api/conversations/c").body == all)
        #expect(try await send(.get, "/api/conversations/c?kind=channel").body == all)
        #expect(try await send(.get, "/api/conversations/c?kind=room").status == 404)
        #expect(try await send(.delete, "/api/conversations/c").status == 204)
        #expect(try await send(.delete, "/api/conversations/c").status == 404)
        #expect(try await send(.get, "/api/conversations/c").body == ["detail": "there is no such conversation"])
    }

    @Test func `of several with one id the kind has to be named`() async throws {
        for kind in ["room", "channel"] {
            _ = try await send(.put, "/api/conversations/c", #"{"kind":"\#(kind)"}"#)
        }
        let answer = try await send(.get, "/api/conversations/c")
        #expect(answer.status == 409)
        #expect(answer.body?["detail"] == "there are several with this id, say with ?kind= which: channel, room")
        #expect(try await send(.delete, "/api/conversations/c").status == 409)
        #expect(try await send(.delete, "/api/conversations/c?kind=room").status == 204)
        #expect(try await send(.get, "/api/conversations/c").body?["kind"] == "channel")
    }

    @Test func `an id may hold anything that a topic may`() async throws {
        #expect(try await send(.put, "/api/conversations/a%2Fb%3F%C3%A9", #"{"kind":"room"}"#).status == 201)
        #expect(try await send(.get, "/api/conversations/a%2Fb%3F%C3%A9").body?["id"] == "a/b?é")
        #expect(try await send(.get, "/api/conversations/a%20b").status == 422)
        #expect(try await send(.get, "/api/conversations/%FF").status == 422)
        #expect(try await send(.get, "/api/conversations/" + String(repeating: "x", count: 256)).status == 422)
    }

    @Test(arguments: [
        ("", "kind: expected string, but it is missing"),
        ("[]", "the body: expected object, got array"),
        (#"{"kind":"cave"}"#, #"kind: expected one of room, stream, channel, thread, workspace, got "cave""#),
        (#"{"kind":"room","members":"a"}"#, "members: expected array of strings, got string"),
        (#"{"kind":"room","members":[1]}"#, "members[0]: expected string, got integer"),
        (#"{"kind":"room","name":"\u0000"}"#, "name: may not hold U+0000"),
    ])
    func `a mistake is told with the path of its field`(_ body: String, _ detail: String) async throws {
        let answer = try await send(.put, "/api/conversations/c", body)
        #expect(answer.status == 422)
        #expect(answer.body?["detail"]?.stringValue == detail)
    }

    @Test func `all mistakes are told at once`() async throws {
        let answer = try await send(.put, "/api/conversations/c", #"{"kind":"room","type":"x","name":7}"#)
        #expect(answer.body?["errors"]?.arrayValue?.count == 2)
    }

    @Test func `what is no JSON is a bad request, and what is too long is not read`() async throws {
        #expect(try await send(.put, "/api/conversations/c", "{").status == 400)
        let long = #"{"kind":"room","x":"\#(String(repeating: "x", count: 4 << 20))"}"#
        #expect(try await send(.put, "/api/conversations/c", long).status == 413)
        let many = (0..<10_000).map { #""\#(String(repeating: "u", count: 200))\#($0)""# }.joined(separator: ",")
        let full = try await send(.put, "/api/conversations/c", #"{"kind":"room","members":[\#(many)]}"#)
        #expect(full.body?["member_count"] == 10_000)
    }

    @Test func `conversations are listed page by page`() async throws {
        for id in 1...3 {
            _ = try await send(.put, "/api/conversations/c\(id)", #"{"kind":"channel","workspace_id":"w"}"#)
        }
        _ = try await send(.put, "/api/conversations/r", #"{"kind":"room"}"#)
        let first = try await send(.get, "/api/conversations?workspace_id=w&limit=2").body
        #expect(first?["conversations"]?.arrayValue?.map { $0["id"] } == ["c1", "c2"])
        #expect(first?["next"] == "channel:c2")
        let second = try await send(.get, "/api/conversations?workspace_id=w&limit=2&after=channel:c2").body
        #expect(second?["conversations"]?.arrayValue?.map { $0["id"] } == ["c3"])
        #expect(second?["next"] == JSONValue.null)
        #expect(try await send(.get, "/api/conversations").body?["conversations"]?.arrayValue?.count == 4)
        let long = String(repeating: "x", count: 513)
        for wrong in [
            "limit=0", "limit=201", "limit=x", "limit=-1", "after=a%00", "after=\(long)", "workspace_id=a%00",
        ] {
            #expect(try await send(.get, "/api/conversations?\(wrong)").status == 422)
        }
    }

    // MARK: Members

    @Test func `members are added and removed`() async throws {
        let path = "/api/conversations/c/members/bob"
        #expect(try await send(.put, path).status == 404)
        _ = try await send(.put, "/api/conversations/c", #"{"kind":"channel"}"#)
        let added = try await send(.put, path, #"{"name":"Bob"}"#)
        #expect(added.status == 201)
        #expect(added.body == ["conversation_id": "c", "kind": "channel", "user_id": "bob", "action": "added"])
        #expect(try await send(.put, path + "?kind=channel").status == 200)
        #expect(try await send(.put, path, #"{"name":7}"#).body?["detail"] == "name: expected string, got integer")
        #expect(try await send(.delete, path).status == 204)
        #expect(try await send(.delete, path).status == 404)
        let long = #"{"name":"\#(String(repeating: "x", count: 16 << 10))"}"#
        #expect(try await send(.put, path, long).status == 413)
    }

    // MARK: Users and topics

    @Test func `a user is disconnected`() async throws {
        let answer = try await send(.post, "/api/users/bob%40x/disconnect")
        #expect(answer.status == 202)
        #expect(management.disconnected == ["bob@x"])
    }

    @Test func `an event for a topic is published`() async throws {
        let body = #"{"topic":"chat:room:1","event":"poll","payload":{"a":1}}"#
        let answer = try await send(.post, "/api/broadcast", body)
        #expect(answer.status == 202)
        let envelope = try #require(ingest.taken.first)
        #expect(answer.body == ["event_id": .string(envelope.eventID.lowercased), "status": "accepted"])
        #expect(envelope.eventType == "realtime.broadcast")
        #expect(envelope.source == "gateway")
        #expect(envelope.payload == ["topic": "chat:room:1", "event": "poll", "payload": ["a": 1]])
        let wrong = try await send(.post, "/api/broadcast", #"{"topic":7,"event":"e"}"#)
        #expect(wrong.status == 422)
        #expect(
            wrong.body?["errors"] == [
                "topic: expected string, got integer", "payload: expected object, but it is missing",
            ]
        )
    }

    // MARK: Everywhere

    @Test(arguments: [
        (HTTPRequest.Method.get, "/api/conversations"), (.get, "/api/conversations/c"), (.put, "/api/conversations/c"),
        (.delete, "/api/conversations/c"), (.put, "/api/conversations/c/members/b"),
        (.delete, "/api/conversations/c/members/b"), (.post, "/api/broadcast"), (.post, "/api/users/b/disconnect"),
    ])
    func `nobody without the right key is served`(_ method: HTTPRequest.Method, _ path: String) async throws {
        for key in [nil, "k-2", ""] {
            let answer = try await send(method, path, #"{"kind":"room"}"#, key: key)
            #expect(answer.status == 401)
            #expect(answer.body?["detail"]?.stringValue?.contains("API key") == true)
        }
        #expect(try await management.overview(of: ConversationKey(.room, "c")) == nil)
        #expect(management.disconnected.isEmpty && ingest.taken.isEmpty)
    }

    @Test func `other methods are refused, and a store that takes nothing is told`() async throws {
        #expect(try await send(.post, "/api/conversations/c").status == 405)
        #expect(try await send(.put, "/api/conversations").status == 405)
        #expect(try await send(.get, "/api/users/b/disconnect").status == 405)
        let busy = ManagementFake(isBusy: true)
        #expect(try await send(.put, "/api/conversations/c", #"{"kind":"room"}"#, to: busy).status == 503)
        #expect(try await send(.post, "/api/users/b/disconnect", to: busy).status == 503)
    }
}
