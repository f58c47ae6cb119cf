import AsyncHTTPClient
package import EventSchema
package import Foundation
package import Logging
import NIOHTTP1
package import RealtimeDomain
import ServiceLifecycle

/// Asks a backend over HTTP whose an opaque token is (RFC 7662), and remembers its answers for a while.
///
/// `POST` of `token=...&token_type_hint=access_token`. A token that the backend does not know is refused; without an answer
/// nobody is let in, and after a few of those the backend is left in peace for a moment. However many show one token at
/// once, it is asked about once.
package final class TokenIntrospector: TokenVerifier, Service {
    package struct Settings: Sendable {
        package var url: URL
        /// Shown to the backend as `X-WebSocket-API-Key`.
        package var apiKey: String?
        /// For one question, from the connection to the end of the answer.
        package var timeout: Duration
        /// How long answers hold that do not say it themselves by `Cache-Control: max-age`.
        package var lifetime: Duration
        /// Tokens that are remembered, good ones and others each.
        package var capacity: Int
        /// Questions under way at once.
        package var concurrency: Int

        package init(
            url: URL,
            apiKey: String? = nil,
            timeout: Duration = .seconds(5),
            lifetime: Duration = .seconds(30),
            capacity: Int = 10_000,
            concurrency: Int = 64
        ) {
            self.url = url
            self.apiKey = apiKey
            self.timeout = timeout
            self.lifetime = lifetime
            self.capacity = capacity
            self.concurrency = concurrency
        }
    }

    /// 4 KiB; Sanctum's have about 50 bytes.
    package static let lengthLimit = 4096
    /// How long a token stays refused, which may be that of somebody who is only just signing up.
    private static let refusalLifetime = Duration.seconds(5)

    private let settings: Settings
    private let backend: BackendClient
    private let cache: IntrospectionCache
    private let now: @Sendable () -> ContinuousClock.Instant
    private let time: @Sendable () -> Timestamp

    /// - `now`: what answers age by; `time`: what tokens end by.
    package init(
        _ settings: Settings,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        time: @escaping @Sendable () -> Timestamp = { .now },
        logger: Logger
    ) {
        self.settings = settings
        self.now = now
        self.time = time
        cache = IntrospectionCache(capacity: settings.capacity)
        backend = BackendClient(
            "whose a token is",
            timeout: settings.timeout,
            concurrency: settings.concurrency,
            now: now,
            logger: logger
        )
    }

    /// Keeps the connections until graceful shutdown, then closes them.
    package func run() async throws {
        try? await gracefulShutdown()
        await backend.shutdown()
    }

    package func verify(_ token: String) async throws(TokenError) -> Identity {
        guard !token.isEmpty else { throw .missing }
        guard token.utf8.count <= Self.lengthLimit else { throw .malformed }
        let digest = TokenDigest(token)
        if let known = cache.verdict(digest, at: now()) { return try known.get() }
        return try await cache.flight(of: digest) { await self.ask(about: token, digest) }.value.get()
    }

    private func ask(about token: String, _ digest: TokenDigest) async -> IntrospectionCache.Verdict {
        do throws(BackendClient.NoAnswer) {
            return try await backend.inTurn { began throws(BackendClient.NoAnswer) in
                // An answer may have come between the look into the cache and the question.
                if let known = cache.verdict(digest, at: now()) { return known }
                let answer = try await backend.ask(request(token), since: began) { try IntrospectionAnswer($0) }
                return remember(answer, of: digest)
            }
        } catch {
            return .failure(.unavailable)
        }
    }

    private func remember(_ answer: IntrospectionAnswer, of token: TokenDigest) -> IntrospectionCache.Verdict {
        var lifetime = answer.lifetime ?? settings.lifetime
        let verdict = verdict(answer.identity)
        switch verdict {
        case .success(let identity): lifetime = min(lifetime, left(of: identity) ?? lifetime)
        case .failure: lifetime = min(lifetime, Self.refusalLifetime)
        }
        cache.keep(verdict, of: token, until: now() + lifetime)
        return verdict
    }

    private func verdict(_ identity: Identity?) -> IntrospectionCache.Verdict {
        guard let identity else { return .failure(.badSignature) }
        return left(of: identity).map { $0 <= .zero } == true ? .failure(.expired) : .success(identity)
    }

    /// How long it is until the token ends, if it does.
    private func left(of identity: Identity) -> Duration? {
        identity.expiresAt.map { .milliseconds($0.milliseconds - time().milliseconds) }
    }

    private func request(_ token: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: settings.url.absoluteString)
        request.method = .POST
        request.headers = ["content-type": "application/x-www-form-urlencoded"]
        if let key = settings.apiKey { request.headers.add(name: "x-websocket-api-key", value: key) }
        request.body = .bytes(Array("token=\(token.formEncoded)&token_type_hint=access_token".utf8))
        return request
    }
}

extension String {
    /// As the value of a parameter (application/x-www-form-urlencoded).
    fileprivate var formEncoded: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
