import EventSchema
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import RealtimeDomain
import Testing

@testable import RealtimeAuthorization

/// Against a real HTTP server: one that decides, one that is slow, one that lies, and none at all.
@Suite(.timeLimit(.minutes(1))) struct BackendAuthorizerTests {
    private let channel = ConversationKey(.channel, "c")
    private let alice = Identity(userID: "alice", roles: ["user", "moderator"], permissions: ["post"])
    private let clock = TestClock()

    private func expect(
        _ authorizer: BackendAuthorizer,
        admits identity: Identity,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let isAdmitted = try await authorizer.admits(identity, to: channel)
        #expect(isAdmitted, sourceLocation: location)
    }

    private func expect(
        _ authorizer: BackendAuthorizer,
        refuses identity: Identity,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let isAdmitted = try await authorizer.admits(identity, to: channel)
        #expect(!isAdmitted, sourceLocation: location)
    }

    /// Why nobody is let in.
    private func reason(_ authorizer: BackendAuthorizer) async -> Refusal.Reason? {
        do throws(Refusal) {
            _ = try await authorizer.admits(alice, to: channel)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `the backend is asked once, and its answer holds for a while`() async throws {
        let backend = DecidingBackend { DecidingBackend.json(DecidingBackend.yes) }
        try await backend.serve { url in
            try await withAuthorizer(BackendAuthorizer.Settings(url: url, timeout: patience), clock: clock) {
                authorizer in
                #expect(!authorizer.remembers(alice, at: channel))
                try await expect(authorizer, admits: alice)
                #expect(
                    backend.asked == [
                        [
                            "user_id": "alice", "conversation": ["kind": "channel", "id": "c"], "action": "join",
                            "claims": ["roles": ["moderator", "user"], "permissions": ["post"]],
                        ]
                    ]
                )
                backend.answer { DecidingBackend.json(DecidingBackend.no) }
                clock.advance(by: .seconds(29))
                try await expect(authorizer, admits: alice)
                #expect(authorizer.remembers(alice, at: channel))
                #expect(backend.asked.count == 1)
                clock.advance(by: .seconds(1))
                #expect(!authorizer.remembers(alice, at: channel))
                try await expect(authorizer, refuses: alice)
                // A no is remembered, too.
                try await expect(authorizer, refuses: alice)
                #expect(!authorizer.remembers(alice, at: channel))
                #expect(backend.asked.count == 2)
            }
        }
    }

    @Test func `other users, other conversations and other claims are other questions`() async throws {
        let backend = DecidingBackend { DecidingBackend.json(DecidingBackend.yes) }
        try await backend.serve { url in
            try await withAuthorizer(BackendAuthorizer.Settings(url: url, timeout: patience)) { authorizer in
                for identity in [alice, Identity(userID: "alice"), Identity(userID: "bob")] {
                    for kind in [ConversationKey.Kind.channel, .room] {
                        _ = try await authorizer.admits(identity, to: ConversationKey(kind, "c"))
                    }
                }
                #expect(backend.asked.count == 6)
                authorizer.forget(channel)
                #expect(!authorizer.remembers(alice, at: channel))
                #expect(authorizer.remembers(alice, at: ConversationKey(.room, "c")))
            }
        }
    }

    @Test(arguments: [
        ("max-age=5", 4, true), ("private, MAX-AGE=\"5\"", 4, true), ("max-age=5", 5, false), ("no-store", 0, false),
        ("no-cache, max-age=60", 0, false), ("max-age=0", 0, false), ("max-age=-1", 0, false),
        ("max-age=99999999999999", 3599, true), ("max-age=99999999999999", 3600, false), ("max-age=x", 29, true),
        ("max-age=x", 30, false),
    ])
    func `the answer says how long it holds`(_ header: String, _ seconds: Int, _ holds: Bool) async throws {
        let backend = DecidingBackend { DecidingBackend.json(DecidingBackend.yes, [.cacheControl: header]) }
        try await backend.serve { url in
            try await withAuthorizer(BackendAuthorizer.Settings(url: url, timeout: patience), clock: clock) {
                authorizer in
                try await expect(authorizer, admits: alice)
                clock.advance(by: .seconds(seconds))
                #expect(authorizer.remembers(alice, at: channel) == holds)
            }
        }
    }

    @Test func `an answer that was asked for before it was to be forgotten is not kept`() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let backend = DecidingBackend {
            arrival.yield()
            for await _ in gates { break }
            return DecidingBackend.json(DecidingBackend.yes)
        }
        try await backend.serve { url in
            try await withAuthorizer(BackendAuthorizer.Settings(url: url, timeout: patience)) { authorizer in
                async let answer = authorizer.admits(alice, to: channel)
                for await _ in arrivals { break }
                authorizer.forget(channel)
                gate.yield()
                let isAdmitted = try await answer
                #expect(isAdmitted)
                #expect(!authorizer.remembers(alice, at: channel))
            }
        }
    }

    @Test func `only so many answers are remembered`() async throws {
        let backend = DecidingBackend { DecidingBackend.json(DecidingBackend.yes) }
        try await backend.serve { url in
            try await withAuthorizer(BackendAuthorizer.Settings(url: url, timeout: patience, capacity: 2)) {
                authorizer in
                let users = ["a", "b", "c"].map { Identity(userID: $0) }
                for user in users { _ = try await authorizer.admits(user, to: channel) }
                #expect(users.map { authorizer.remembers($0, at: channel) } == [false, true, true])
            }
        }
    }

    // MARK: Backends that are of no use

    @Test(arguments: [
        (200, ""), (200, "true"), (200, #"{"allow":"true"}"#), (200, #"{"allow":1}"#), (200, #"{"allowed":true}"#),
        (200, #"{"allow":true"#), (201, DecidingBackend.yes), (204, ""), (403, DecidingBackend.yes),
        (500, DecidingBackend.yes), (200, DecidingBackend.yes + String(repeating: " ", count: 70_000)),
    ])
    func `one that does not say yes or no lets nobody in`(_ status: Int, _ text: String) async throws {
        let backend = DecidingBackend {
            Response(status: .init(code: status), body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
        try await backend.serve { url in
            try await withAuthorizer(BackendAuthorizer.Settings(url: url, timeout: patience)) { authorizer in
                #expect(await reason(authorizer) == .unavailable)
                // It may have come to its senses.
                backend.answer { DecidingBackend.json(DecidingBackend.yes) }
                try await expect(authorizer, admits: alice)
            }
        }
    }

    @Test func `one that sends elsewhere is not followed`() async throws {
        let backend = DecidingBackend { Response(status: .temporaryRedirect, headers: [.location: "/may"]) }
        try await backend.serve { url in
            try await withAuthorizer(BackendAuthorizer.Settings(url: url, timeout: patience)) { authorizer in
                #expect(await reason(authorizer) == .unavailable)
                #expect(backend.asked.count == 1)
            }
        }
    }

    @Test(arguments: [true, false])
    func `one that is slow is not waited for`(_ beginsToAnswer: Bool) async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let backend = DecidingBackend {
            guard beginsToAnswer else {
                for await _ in gates { break }
                return DecidingBackend.json(DecidingBackend.yes)
            }
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: #"{"allow":"#))
                    for await _ in gates { break }
                    try await writer.finish(nil)
                }
            )
        }
        try await backend.serve { url in
            try await withAuthorizer(BackendAuthorizer.Settings(url: url, timeout: .milliseconds(200))) { authorizer in
                let began = ContinuousClock.now
                #expect(await reason(authorizer) == .unavailable)
                #expect(ContinuousClock.now - began < .seconds(10))
            }
            gate.finish()
        }
    }

    @Test func `one that is down is left in peace for a while, and asked again by one`() async throws {
        let backend = DecidingBackend { Response(status: .internalServerError) }
        try await backend.serve { url in
            try await withAuthorizer(BackendAuthorizer.Settings(url: url, timeout: patience), clock: clock) {
                authorizer in
                for _ in 0..<8 {
                    #expect(await reason(authorizer) == .unavailable)
                }
                #expect(backend.asked.count == 5)
                clock.advance(by: .seconds(5))
                for _ in 0..<2 { _ = await reason(authorizer) }
                #expect(backend.asked.count == 6)
                clock.advance(by: .seconds(9))
                _ = await reason(authorizer)
                #expect(backend.asked.count == 6)
                clock.advance(by: .seconds(1))
                backend.answer { DecidingBackend.json(DecidingBackend.yes) }
                try await expect(authorizer, admits: alice)
                try await expect(authorizer, admits: Identity(userID: "bob"))
                #expect(backend.asked.count == 8)
            }
        }
    }

    @Test func `where nobody listens, nobody is let in`() async throws {
        var dead: URL?
        try await DecidingBackend { DecidingBackend.json(DecidingBackend.yes) }.serve { dead = $0 }
        let url = try #require(dead)
        try await withAuthorizer(BackendAuthorizer.Settings(url: url, timeout: patience)) { authorizer in
            #expect(await reason(authorizer) == .unavailable)
        }
    }

    @Test func `of a herd only so many ask at once`() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let backend = DecidingBackend {
            arrival.yield()
            for await _ in gates { break }
            return DecidingBackend.json(DecidingBackend.yes)
        }
        try await backend.serve { url in
            let settings = BackendAuthorizer.Settings(url: url, timeout: patience, concurrency: 3)
            try await withAuthorizer(settings) { authorizer in
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for index in 0..<20 {
                        group.addTask { [channel] in
                            try await authorizer.admits(Identity(userID: "user-\(index)"), to: channel)
                        }
                    }
                    var iterator = arrivals.makeAsyncIterator()
                    for _ in 0..<3 { await iterator.next() }
                    #expect(backend.asked.count == 3)
                    gate.finish()
                    let admitted = try await group.reduce(into: []) { $0.append($1) }
                    #expect(admitted == Array(repeating: true, count: 20))
                }
                #expect(backend.asked.count == 20)
            }
        }
    }
}
