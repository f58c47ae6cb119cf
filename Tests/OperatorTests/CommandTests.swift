import ArgumentParser
import EventSchema
import Foundation
import JWTKit
import Testing

@testable import Operator

struct TokenCommandTests {
    private let secret = "a key of more than thirty-two bytes for HS256"

    @Test func `a token carries the claims that were asked for and no others`() throws {
        let command = try TokenCommand.parse([
            "--sub", "alice", "--name", "Alice", "--role", "moderator", "--topic", "channel:*", "--topic", "x",
            "--ttl", "90",
        ])
        let claims = try command.claims(now: Date(timeIntervalSince1970: 1000))
        #expect(
            claims
                == TokenClaims(
                    sub: "alice",
                    iat: 1000,
                    exp: 1090,
                    name: "Alice",
                    role: "moderator",
                    topics: ["channel:*", "x"]
                )
        )
    }

    @Test(arguments: [("30s", 30), ("15m", 900), ("1h", 3600), ("-1h", -3600), ("-90", -90)])
    func `a time to live has a unit and may be over`(ttl: String, seconds: Int) throws {
        let claims = try TokenCommand.parse(["--sub", "a", "--ttl", ttl]).claims(now: Date(timeIntervalSince1970: 0))
        #expect(claims.exp == seconds)
    }

    @Test func `a time to live that is none is refused in one line`() throws {
        let command = try TokenCommand.parse(["--sub", "a", "--ttl", "soon"])
        let failure = #expect(throws: CommandFailure.self) { try command.claims(now: Date()) }
        #expect(failure?.description.hasPrefix("--ttl: expected seconds") == true)
        #expect(failure?.description.hasSuffix("got \"soon\"") == true)
    }

    @Test func `the token verifies with the same key and no other`() async throws {
        let command = try TokenCommand.parse(["--sub", "alice"])
        let token = try await command.token(secret: secret, now: Date())
        let header = try #require(Data(base64Encoded: String(token.prefix { $0 != "." }) + "="))
        #expect(String(decoding: header, as: UTF8.self).contains("HS256"))
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        #expect(try await keys.verify(token, as: TokenClaims.self).sub == "alice")
        let others = JWTKeyCollection()
        await others.add(hmac: HMACKey(from: secret.uppercased()), digestAlgorithm: .sha256)
        await #expect(throws: (any Error).self) { try await others.verify(token, as: TokenClaims.self) }
    }

    @Test func `optional claims stay out of the token`() async throws {
        let token = try await TokenCommand.parse(["--sub", "alice"]).token(secret: secret, now: Date())
        let part = String(token.split(separator: ".")[1]).replacing("-", with: "+").replacing("_", with: "/")
        let padded = part + String(repeating: "=", count: (4 - part.count % 4) % 4)
        let claims = try JSONParser.parse(Array(try #require(Data(base64Encoded: padded))))
        #expect(claims.objectValue?.keys.sorted() == ["exp", "iat", "sub"])
    }
}

struct PublishCommandTests {
    private let event = """
        {"event_type":"realtime.broadcast","payload":{"topic":"chat:room:1","event":"e","payload":{}}}
        """

    private func envelopes(_ text: String, _ arguments: [String]) throws -> [Envelope] {
        try PublishCommand.parse(arguments + ["-"]).envelopes(in: EventDocument(text: Array(text.utf8)))
    }

    @Test func `an event without id is refused, and filled when asked`() throws {
        let failure = #expect(throws: CommandFailure.self) { try envelopes(event, []) }
        #expect(failure?.kind == .invalidEvent)
        #expect(failure?.description.contains("event_id: expected string, but it is missing") == true)
        let filled = try envelopes(event, ["--fill"])
        #expect(filled.map(\.eventType) == ["realtime.broadcast"])
        #expect(filled.map(\.source) == ["martlet"])
    }

    @Test func `one invalid line keeps all from being sent`() throws {
        let failure = #expect(throws: CommandFailure.self) {
            try envelopes(event + "\n{\"event_type\":\"media.failed\",\"payload\":{}}\n", ["--fill"])
        }
        #expect(failure?.description.hasPrefix("line 2: payload.media_id") == true)
    }

    @Test func `an unknown type needs force`() throws {
        let unknown = "{\"event_type\":\"media.exploded\",\"payload\":{}}"
        let failure = #expect(throws: CommandFailure.self) { try envelopes(unknown, ["--fill"]) }
        #expect(failure?.description.hasSuffix("--force sends it") == true)
        #expect(try envelopes(unknown, ["--fill", "--force"]).map(\.eventType) == ["media.exploded"])
    }
}

struct CommandLineTests {
    @Test func `help tells the environment, examples and exit codes`() {
        let help = Martlet.helpMessage(columns: 120)
        for word in [
            "martlet", "AMQP_URL", "RABBITMQ_MANAGEMENT_URL", "JWT_SECRET", "EXAMPLES", "EXIT CODES", "publish", "tail",
            "validate", "token", "--generate-completion-script bash", "topology", "dead-letters", "doctor", "events",
        ] {
            #expect(help.contains(word))
        }
    }

    @Test func `each command shows examples`() {
        let commands: [any ParsableCommand.Type] = [
            PublishCommand.self, TailCommand.self, ValidateCommand.self, TokenCommand.self, TopologyCommand.self,
            PlanCommand.self, ApplyCommand.self, VerifyCommand.self, DeadLettersCommand.self, ListCommand.self,
            ShowCommand.self, RequeueCommand.self, DropCommand.self, ExportCommand.self, EventsCommand.self,
            ReplayCommand.self, DoctorCommand.self,
        ]
        for command in commands {
            #expect(Martlet.helpMessage(for: command, columns: 120).contains("EXAMPLES"))
        }
    }

    @Test(arguments: [CompletionShell.bash, .zsh, .fish])
    func `completion knows queues and event types`(shell: CompletionShell) {
        let script = Martlet.completionScript(for: shell)
        #expect(script.contains("media.process") && script.contains("media.uploaded"))
    }

    @Test func `tail takes a pattern and a count from 1`() throws {
        #expect(try TailCommand.parse([]).pattern == "#")
        #expect(try TailCommand.parse(["media.#", "--json", "--count", "3"]).count == 3)
        #expect(throws: (any Error).self) { try TailCommand.parse(["--count", "0"]) }
    }

    @Test func `an address that is none is refused`() throws {
        let options = try BrokerOptions.parse(["--amqp-url", "http://x"])
        let failure = #expect(throws: CommandFailure.self) { try options.configuration() }
        #expect(failure?.description.contains("scheme") == true)
    }
}
