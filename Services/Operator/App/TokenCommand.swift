import ArgumentParser
import Foundation
import JWTKit
import ServiceBootstrap

/// `martlet token`.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Makes a token (JWT, HS256) for a user, as a backend would.",
        discussion: """
            EXAMPLES
              JWT_SECRET=... martlet token --sub alice
              martlet token --sub bob --name Bob --role moderator --topic 'channel:*' --ttl 8h --secret ...
            """
    )

    /// RFC 7518 section 3.2: a key at least as long as the hash.
    private static let minimumKeyBytes = 32

    @Option(help: "The user's id.")
    var sub: String

    @Option(help: "The name that others see.")
    var name: String?

    @Option(help: "The e-mail address.")
    var email: String?

    @Option(name: .customLong("avatar-url"), help: "The address of a picture.")
    var avatarURL: String?

    @Option(help: "user, moderator or admin.")
    var role: String?

    @Option(name: .customLong("permission"), help: "A permission; may be given several times.")
    var permissions: [String] = []

    @Option(name: .customLong("topic"), help: "A pattern of topics to join besides public ones; several times.")
    var topics: [String] = []

    @Option(name: .customLong("app-id"), help: "The application, for Socket.IO clients that name one.")
    var appID: String?

    @Option(parsing: .unconditional, help: "How long it is good: 90, 30s, 15m, 1h; below zero for one that is over.")
    var ttl = "1h"

    @Option(help: "The key; JWT_SECRET if not given.")
    var secret: String?

    func run() async throws {
        try await Console.reporting {
            let given = secret ?? ProcessInfo.processInfo.environment["JWT_SECRET"] ?? ""
            guard !given.isEmpty else {
                throw CommandFailure(.failed, "there is no key to sign with: set JWT_SECRET or give --secret")
            }
            guard given.utf8.count >= Self.minimumKeyBytes else {
                let problem = "the key has \(given.utf8.count) bytes, HS256 needs \(Self.minimumKeyBytes) or more"
                throw CommandFailure(.failed, "\(problem): set JWT_SECRET to a longer one")
            }
            Console.print(try await token(secret: given, now: Date()))
        }
    }

    func token(secret: String, now: Date) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        return try await keys.sign(claims(now: now))
    }

    func claims(now: Date) throws -> TokenClaims {
        TokenClaims(
            sub: sub,
            iat: Int(now.timeIntervalSince1970),
            exp: Int(now.timeIntervalSince1970) + (try seconds),
            name: name,
            email: email,
            avatarURL: avatarURL,
            role: role,
            permissions: permissions.isEmpty ? nil : permissions,
            topics: topics.isEmpty ? nil : topics,
            appID: appID
        )
    }

    private var seconds: Int {
        get throws {
            let isNegative = ttl.hasPrefix("-")
            let text = isNegative ? String(ttl.dropFirst()) : ttl
            let type = ConfigurationType<Duration>.duration(in: .zero...(.seconds(315_360_000)))
            guard let duration = type.value(of: text) else {
                throw CommandFailure(.failed, "--ttl: expected \(type.expectation), got \"\(ttl)\"")
            }
            return Int(duration / .seconds(1)) * (isNegative ? -1 : 1)
        }
    }
}

/// The claims that the gateway reads.
struct TokenClaims: JWTPayload, Hashable {
    var sub: String
    var iat: Int
    var exp: Int
    var name: String?
    var email: String?
    var avatarURL: String?
    var role: String?
    var permissions: [String]?
    var topics: [String]?
    var appID: String?

    private enum CodingKeys: String, CodingKey {
        case sub
        case iat
        case exp
        case name
        case email
        case avatarURL = "avatar_url"
        case role
        case permissions
        case topics
        case appID = "app_id"
    }

    func verify(using _: some JWTAlgorithm) throws {
        guard Date(timeIntervalSince1970: TimeInterval(exp)) > Date() else {
            throw JWTError.claimVerificationFailure(failedClaim: ExpirationClaim(value: Date()), reason: "expired")
        }
    }
}
