import CryptoExtras
import EventSchema
import Foundation
import JWTKit
import RealtimeDomain
import Synchronization
import Testing

@testable import RealtimeHTTP

@Suite struct JWTTokenVerifierTests {
    private let clock = MovableTime(TokenMint.now)

    private func verifier(
        _ configuration: JWTTokenVerifier.Configuration = .init(secret: TokenMint.secret)
    ) async throws -> JWTTokenVerifier {
        try await JWTTokenVerifier(configuration, now: { [clock] in clock.now })
    }

    @Test func `a good token names its bearer`() async throws {
        let token = try await TokenMint.token([
            "name": "Ada", "email": "ada@example.com", "avatar_url": "https://example.com/ada.png",
            "role": "moderator", "roles": ["user"], "permissions": ["chat:write"], "topics": ["channel:*"],
            "unknown": ["ignored": true],
        ])
        let identity = try await verifier().verify(token)
        #expect(
            identity
                == Identity(
                    userID: "user-1",
                    name: "Ada",
                    email: "ada@example.com",
                    avatarURL: "https://example.com/ada.png",
                    roles: ["moderator", "user"],
                    permissions: ["chat:write"],
                    topics: ["channel:*"],
                    expiresAt: Timestamp(milliseconds: TokenMint.now.milliseconds + 60_000)
                )
        )
    }

    // MARK: Refusals

    @Test(arguments: [
        "", ".", "..", "...", "a.b", "a.b.c", "not a token", "e30.e30.e30=", "e30.e30.", "e30.e30.!!!!",
        "bnVsbA.e30.AAAA", "eyJhbGciOjF9.e30.AAAA", String(repeating: "a", count: 8193),
    ])
    func `text that is no token is refused as such`(_ token: String) async throws {
        let expected: TokenError = token.isEmpty ? .missing : .malformed
        let verifier = try await verifier()
        #expect(throws: expected) { try verifier.verify(token) }
    }

    @Test(
        arguments: [
            ["sub": .null], ["sub": ""], ["sub": 42], ["sub": "two words"], ["exp": .null], ["exp": "tomorrow"],
            ["exp": -1], ["exp": .number("1e30")], ["name": 1], ["email": false], ["avatar_url": []],
            ["role": ["user"]],
            ["roles": "user"], ["permissions": [1]], ["topics": ["a": 1]], ["nbf": "now"],
            ["nbf": TokenMint.time(31)],
        ] as [JSONObject]
    )
    func `claims that are missing or of a wrong type are refused`(_ claims: JSONObject) async throws {
        let token = try await TokenMint.token(claims)
        let verifier = try await verifier()
        #expect(throws: TokenError.badClaims) { try verifier.verify(token) }
    }

    @Test(arguments: [0, -1, -3600] as [Int64])
    func `a token is refused from the second it expires`(_ seconds: Int64) async throws {
        let token = try await TokenMint.token(["exp": TokenMint.time(seconds)])
        let verifier = try await verifier()
        #expect(throws: TokenError.expired) { try verifier.verify(token) }
    }

    @Test func `an issuer whose clock is a little ahead is believed`() async throws {
        let token = try await TokenMint.token(["nbf": TokenMint.time(30)])
        #expect(try await verifier().verify(token).userID == "user-1")
    }

    @Test func `a changed token has a bad signature`() async throws {
        let token = try await TokenMint.token()
        let other = try await TokenMint.token(["sub": "admin"])
        let mixed = [token.split(separator: ".")[0], other.split(separator: ".")[1], token.split(separator: ".")[2]]
        let verifier = try await verifier()
        #expect(throws: TokenError.badSignature) { try verifier.verify(mixed.joined(separator: ".")) }
        #expect(throws: TokenError.badSignature) { try verifier.verify(String(token.dropLast(4))) }
    }

    @Test func `a token made with another secret has a bad signature`() async throws {
        let token = try await TokenMint.token { keys in
            await keys.add(hmac: HMACKey(from: String(repeating: "x", count: 32)), digestAlgorithm: .sha256)
        }
        let verifier = try await verifier()
        #expect(throws: TokenError.badSignature) { try verifier.verify(token) }
    }

    @Test(arguments: ["none", "None", "NONE", "HS512", "RS256", "hs256"])
    func `a token for another algorithm is refused`(_ name: String) async throws {
        let claims: JSONObject = ["sub": "user-1", "exp": TokenMint.time(60)]
        let verifier = try await verifier()
        #expect(throws: TokenError.badSignature) {
            try verifier.verify(TokenMint.forged(["alg": .string(name)], claims))
        }
        let relabelled = try await TokenMint.token(header: ["alg": .string(name)])
        #expect(throws: TokenError.badSignature) { try verifier.verify(relabelled) }
    }

    @Test func `an extension that must be understood is refused`() async throws {
        let token = try await TokenMint.token(header: ["crit": ["b64"], "b64": false])
        let verifier = try await verifier()
        #expect(throws: TokenError.malformed) { try verifier.verify(token) }
    }

    @Test func `a token without expiry passes only where it is allowed`() async throws {
        let token = try await TokenMint.token(["exp": .null])
        let lenient = try await verifier(.init(secret: TokenMint.secret, requiresExpiry: false))
        #expect(try lenient.verify(token).expiresAt == nil)
    }

    // MARK: Public keys

    @Test func `an Ed25519 key checks EdDSA`() async throws {
        let key = try EdDSA.PrivateKey()
        let token = try await TokenMint.token { await $0.add(eddsa: key) }
        #expect(
            try await verifier(.init(publicKeyPEM: key.publicKey.pemRepresentation)).verify(token).userID == "user-1"
        )
    }

    @Test func `a P-256 key checks ES256`() async throws {
        let key = ES256PrivateKey()
        let token = try await TokenMint.token { await $0.add(ecdsa: key) }
        #expect(
            try await verifier(.init(publicKeyPEM: key.publicKey.pemRepresentation)).verify(token).userID == "user-1"
        )
    }

    @Test func `an RSA key checks RS256`() async throws {
        let key = try Insecure.RSA.PrivateKey(backing: .init(keySize: .bits2048))
        let token = try await TokenMint.token { await $0.add(rsa: key, digestAlgorithm: .sha256) }
        let verifier = try await verifier(.init(publicKeyPEM: key.publicKey.pemRepresentation))
        #expect(try verifier.verify(token).userID == "user-1")
    }

    @Test func `a public key is no secret`() async throws {
        let pem = ES256PrivateKey().publicKey.pemRepresentation
        let forged = try await TokenMint.token { await $0.add(hmac: HMACKey(from: pem), digestAlgorithm: .sha256) }
        let verifier = try await verifier(.init(publicKeyPEM: pem))
        #expect(throws: TokenError.badSignature) { try verifier.verify(forged) }
    }

    @Test func `a secret and a public key serve side by side`() async throws {
        let key = try EdDSA.PrivateKey()
        let verifier = try await verifier(
            .init(secret: TokenMint.secret, publicKeyPEM: key.publicKey.pemRepresentation)
        )
        #expect(try await verifier.verify(TokenMint.token(["sub": "a"])).userID == "a")
        #expect(try await verifier.verify(TokenMint.token(["sub": "b"]) { await $0.add(eddsa: key) }).userID == "b")
    }

    // MARK: Configuration

    @Test(
        arguments: [
            (.init(), .noKey, "JWT_SECRET"),
            (.init(secret: ""), .weakSecret, "0 bytes"),
            (.init(secret: String(repeating: "s", count: 31)), .weakSecret, "31 bytes"),
            (.init(publicKeyPEM: "no pem"), .badPublicKey, "PEM"),
            (.init(publicKeyPEM: "-----BEGIN PRIVATE KEY-----"), .badPublicKey, "private key"),
        ] as [(JWTTokenVerifier.Configuration, TokenConfigurationError.Code, String)]
    )
    func `keys with which nothing can be trusted stop the start`(
        _ configuration: JWTTokenVerifier.Configuration,
        _ code: TokenConfigurationError.Code,
        _ hint: String
    ) async throws {
        let error = await #expect(throws: TokenConfigurationError.self) { try await verifier(configuration) }
        #expect(error?.code == code)
        #expect(error?.message.contains(hint) == true)
    }

    // MARK: Remembering

    @Test func `a remembered token is refused once it expires`() async throws {
        let verifier = try await verifier()
        let token = try await TokenMint.token()
        #expect(try verifier.verify(token) == verifier.verify(token))
        #expect(verifier.rememberedTokens == 1)
        clock.advance(milliseconds: 60_000)
        #expect(throws: TokenError.expired) { try verifier.verify(token) }
        #expect(verifier.rememberedTokens == 0)
    }

    @Test func `bad tokens are not remembered`() async throws {
        let verifier = try await verifier()
        let token = try await TokenMint.token(["sub": 1])
        #expect(throws: TokenError.badClaims) { try verifier.verify(token) }
        #expect(verifier.rememberedTokens == 0)
    }

    @Test func `no more tokens are remembered than allowed`() async throws {
        let verifier = try await verifier(.init(secret: TokenMint.secret, cacheCapacity: 4))
        for number in 0..<20 {
            _ = try await verifier.verify(TokenMint.token(["sub": .string("user-\(number)")]))
            #expect(verifier.rememberedTokens <= 4)
        }
    }

    @Test func `a token in use stays remembered while others come and go`() throws {
        var cache = VerifiedTokenCache(capacity: 4)
        let used = VerifiedTokenCache.Key("used")
        cache.insert(Identity(userID: "used"), for: used)
        for number in 0..<20 {
            cache.insert(Identity(userID: "other"), for: VerifiedTokenCache.Key("\(number)"))
            #expect(cache.identity(for: used, at: TokenMint.now)?.userID == "used")
        }
    }
}

/// A clock that the test moves.
private final class MovableTime: Sendable {
    private let time: Mutex<Int64>

    init(_ start: Timestamp) { time = Mutex(start.milliseconds) }

    var now: Timestamp { Timestamp(milliseconds: time.withLock { $0 }) }

    func advance(milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}
