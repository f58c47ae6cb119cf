import EventSchema
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import RealtimeDomain
import Testing

@testable import RealtimeAuthorization

/// Against a real HTTP server: one that knows tokens, one that is slow, one that lies, and none at all.
@Suite(.timeLimit(.minutes(1))) struct TokenIntrospectorTests {
    private static let alice = #"{"active":true,"sub":"alice"}"#
    private static let nobody = #"{"active":false}"#
    private let clock = TestClock()

    /// Whose a token is, or why it is nobody's.
    private func verdict(_ introspector: TokenIntrospector, _ token: String = "1|abc") async -> String {
        do throws(TokenError) {
            return try await introspector.verify(token).userID
        } catch {
            return error.rawValue
        }
    }

    private func serve(
        _ text: String,
        status: Int = 200,
        _ headers: HTTPFields = [:],
        _ body: (DecidingBackend, TokenIntrospector) async throws -> Void
    ) async throws {
        let backend = DecidingBackend { Self.response(text, status, headers) }
        try await backend.serve { url in
            let settings = TokenIntrospector.Settings(url: url, apiKey: "key", timeout: patience)
            try await withIntrospector(settings, clock: clock) { try await body(backend, $0) }
        }
    }

    private static func response(_ text: String, _ status: Int = 200, _ headers: HTTPFields = [:]) -> Response {
        Response(
            status: .init(code: status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    // MARK: Asking

    @Test func `the backend is asked as RFC 7662 section 2-1 says`() async throws {
        try await serve(Self.alice) { backend, introspector in
            #expect(await verdict(introspector, "1|a b+é-._~") == "alice")
            let asked = try #require(backend.requests.first)
            #expect(asked.body == "token=1%7Ca%20b%2B%C3%A9-._%7E&token_type_hint=access_token")
            #expect(asked.headers[.contentType] == "application/x-www-form-urlencoded")
            #expect(asked.headers[.accept] == "application/json")
            let name = try #require(HTTPField.Name("X-WebSocket-API-Key"))
            #expect(asked.headers[name] == "key")
        }
    }

    @Test func `without an API key none is shown`() async throws {
        let backend = DecidingBackend { Self.response(Self.alice) }
        try await backend.serve { url in
            try await withIntrospector(TokenIntrospector.Settings(url: url, timeout: patience)) { introspector in
                #expect(await verdict(introspector) == "alice")
            }
        }
        let name = try #require(HTTPField.Name("X-WebSocket-API-Key"))
        #expect(backend.requests.map { $0.headers[name] } == [nil])
    }

    @Test func `no token and one too long are refused unasked`() async throws {
        try await serve(Self.alice) { backend, introspector in
            #expect(await verdict(introspector, "") == "missing")
            #expect(await verdict(introspector, String(repeating: "x", count: 4097)) == "malformed")
            #expect(backend.requests.isEmpty)
            #expect(await verdict(introspector, String(repeating: "x", count: 4096)) == "alice")
        }
    }

    // MARK: Answers

    @Test func `what the backend says of the user is kept`() async throws {
        let answer = #"""
            {"active":true,"exp":1704110460.5,"user":{"id":7,"name":"A\u0007da","email":"a@b.c","avatar":"/a.png",
            "role":"admin","roles":["user"]},"permissions":["send_messages"],"id":99,"else":[1]}
            """#
        try await serve(answer) { _, introspector in
            let identity = try await introspector.verify("t")
            #expect(
                identity
                    == Identity(
                        userID: "7",
                        name: "Ada",
                        email: "a@b.c",
                        avatarURL: "/a.png",
                        roles: ["admin", "user"],
                        permissions: ["send_messages"],
                        expiresAt: Timestamp(milliseconds: 1_704_110_460_500)
                    )
            )
        }
    }

    @Test(arguments: [
        (200, #"{"user":{"id":1,"name":"John"},"permissions":["a"]}"#, "1"), (200, #"{"id":"u-1"}"#, "u-1"),
        (200, #"{"active":true,"user_id":42}"#, "42"), (200, #"{"active":true,"sub":"s","user_id":"u"}"#, "s"),
        (200, #"{"active":true,"sub":null,"user":{"sub":null,"id":5}}"#, "5"),
        (200, #"{"active":true,"sub":"s","name":null,"roles":null,"exp":null,"user":[]}"#, "s"),
        (200, #"{"id":9007199254740993}"#, "9007199254740993"), (200, nobody, "bad_signature"),
        (200, #"{"active":false,"sub":7,"exp":-1}"#, "bad_signature"), (401, "", "bad_signature"),
        (403, "<html>", "bad_signature"), (404, alice, "bad_signature"),
        (200, #"{"active":true,"sub":"s","exp":1704110400}"#, "expired"),
        (200, #"{"active":true,"sub":"s","exp":1704110401}"#, "s"),
    ])
    func `an answer says whose a token is`(_ status: Int, _ text: String, _ expected: String) async throws {
        try await serve(text, status: status) { _, introspector in
            #expect(await verdict(introspector) == expected)
        }
    }

    @Test(arguments: [
        (200, ""), (200, "true"), (200, "{}"), (200, #"{"active":true}"#), (200, #"{"active":"true","sub":"s"}"#),
        (200, #"{"active":1,"sub":"s"}"#), (200, #"{"sub":true}"#), (200, #"{"sub":""}"#), (200, #"{"sub":"a b"}"#),
        (200, #"{"sub":"a\u0000"}"#), (200, #"{"id":1.5}"#), (200, #"{"id":1e400}"#), (200, #"{"sub":["s"]}"#),
        (200, #"{"sub":"s","exp":-1}"#), (200, #"{"sub":"s","exp":1e300}"#), (200, #"{"sub":"s","exp":"soon"}"#),
        (200, #"{"sub":"s","name":7}"#), (200, #"{"sub":"s","roles":"admin"}"#), (200, #"{"sub":"s","role":["a"]}"#),
        (200, #"{"sub":"s","permissions":[1]}"#), (200, #"{"user":"s"}"#), (200, #"{"sub":"s""#), (201, alice),
        (204, ""), (400, ""), (429, ""), (500, alice), (200, alice + String(repeating: " ", count: 70_000)),
        (200, #"{"sub":"\#(String(repeating: "x", count: 256))"}"#),
    ])
    func `an answer that cannot be believed is none, and not remembered`(_ status: Int, _ text: String) async throws {
        try await serve(text, status: status) { backend, introspector in
            #expect(await verdict(introspector) == "unavailable")
            // It may have come to its senses.
            backend.answer { Self.response(Self.alice) }
            #expect(await verdict(introspector) == "alice")
        }
    }

    // MARK: Remembering

    @Test(arguments: [
        (alice, "", 30), (alice, "max-age=5", 5), (alice, "max-age=60", 60), (nobody, "", 5), (nobody, "max-age=2", 2),
        (#"{"active":true,"sub":"s","exp":1704110410}"#, "max-age=60", 10),
    ])
    func `an answer holds as long as it may`(_ text: String, _ header: String, _ seconds: Int) async throws {
        try await serve(text, header.isEmpty ? [:] : [.cacheControl: header]) { backend, introspector in
            let first = await verdict(introspector)
            clock.advance(by: .seconds(seconds) - .milliseconds(1))
            #expect(await verdict(introspector) == first)
            #expect(backend.requests.count == 1)
            clock.advance(by: .milliseconds(1))
            _ = await verdict(introspector)
            #expect(backend.requests.count == 2)
        }
    }

    @Test func `an answer that may not be kept is not`() async throws {
        try await serve(Self.alice, [.cacheControl: "no-store"]) { backend, introspector in
            for _ in 0..<2 { #expect(await verdict(introspector) == "alice") }
            #expect(backend.requests.count == 2)
        }
    }

    @Test func `strangers cannot push out tokens that are good`() async throws {
        let backend = DecidingBackend { Self.response(Self.alice) }
        try await backend.serve { url in
            try await withIntrospector(TokenIntrospector.Settings(url: url, timeout: patience, capacity: 2)) {
                introspector in
                #expect(await verdict(introspector, "good") == "alice")
                backend.answer { Self.response(Self.nobody) }
                for number in 0..<5 { #expect(await verdict(introspector, "\(number)") == "bad_signature") }
                #expect(await verdict(introspector, "good") == "alice")
                #expect(backend.requests.count == 6)
                backend.answer { Self.response(Self.alice) }
                for number in 5..<7 { #expect(await verdict(introspector, "\(number)") == "alice") }
                _ = await verdict(introspector, "good")
                #expect(backend.requests.count == 9)
            }
        }
    }

    @Test func `however many show one token, it is asked about once`() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let backend = DecidingBackend {
            arrival.yield()
            for await _ in gates { break }
            return Self.response(Self.alice, 200, [.cacheControl: "no-store"])
        }
        try await backend.serve { url in
            try await withIntrospector(TokenIntrospector.Settings(url: url, timeout: patience)) { introspector in
                async let first = verdict(introspector)
                for await _ in arrivals { break }
                await withTaskGroup(of: String.self) { group in
                    // They begin here and now, and wait: the first is not answered before the last has asked.
                    for _ in 0..<50 { group.addImmediateTask { await verdict(introspector) } }
                    gate.finish()
                    for await user in group { #expect(user == "alice") }
                }
                #expect(await first == "alice")
                #expect(backend.requests.count == 1)
            }
        }
    }

    // MARK: Backends that are of no use

    @Test func `one that is slow is not waited for`() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let backend = DecidingBackend {
            for await _ in gates { break }
            return Self.response(Self.alice)
        }
        try await backend.serve { url in
            let settings = TokenIntrospector.Settings(url: url, timeout: .milliseconds(200))
            try await withIntrospector(settings) { introspector in
                let began = ContinuousClock.now
                #expect(await verdict(introspector) == "unavailable")
                #expect(ContinuousClock.now - began < .seconds(10))
            }
            gate.finish()
        }
    }

    @Test func `one that is down is left in peace for a while, and asked again by one`() async throws {
        try await serve("", status: 500) { backend, introspector in
            for number in 0..<8 { #expect(await verdict(introspector, "\(number)") == "unavailable") }
            #expect(backend.requests.count == 5)
            clock.advance(by: .seconds(5))
            for number in 0..<2 { #expect(await verdict(introspector, "\(number)") == "unavailable") }
            #expect(backend.requests.count == 6)
            clock.advance(by: .seconds(10))
            backend.answer { Self.response(Self.nobody, 401) }
            // A refusal is an answer.
            for number in 0..<3 { #expect(await verdict(introspector, "\(number)") == "bad_signature") }
            #expect(backend.requests.count == 9)
        }
    }

    @Test func `where nobody listens, nobody is let in`() async throws {
        var dead: URL?
        try await DecidingBackend { Self.response(Self.alice) }.serve { dead = $0 }
        let url = try #require(dead)
        try await withIntrospector(TokenIntrospector.Settings(url: url, timeout: patience)) { introspector in
            #expect(await verdict(introspector) == "unavailable")
        }
    }
}
