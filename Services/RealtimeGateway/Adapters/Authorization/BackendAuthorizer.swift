import AsyncHTTPClient
package import Foundation
package import Logging
import NIOCore
import NIOHTTP1
package import RealtimeDomain
import ServiceLifecycle
import Synchronization

/// Asks a backend over HTTP who may come to which conversation, and remembers its answers for a while.
///
/// `POST` of `{"user_id", "conversation": {"kind", "id"}, "action": "join", "claims": {"roles", "permissions"}}`; only 200
/// with `{"allow": true}` lets anybody in. Without an answer nobody is let in, and after a few of those the backend is left
/// in peace for a moment.
package final class BackendAuthorizer: ConversationAuthorizer, Service {
    package struct Settings: Sendable {
        package var url: URL
        /// For one question, from the connection to the end of the answer.
        package var timeout: Duration
        /// How long answers hold that do not say it themselves by `Cache-Control: max-age`.
        package var lifetime: Duration
        /// Answers that are remembered.
        package var capacity: Int
        /// Questions under way at once; as many as it takes for a herd that comes back.
        package var concurrency: Int

        package init(
            url: URL,
            timeout: Duration = .seconds(2),
            lifetime: Duration = .seconds(30),
            capacity: Int = 100_000,
            concurrency: Int = 64
        ) {
            self.url = url
            self.timeout = timeout
            self.lifetime = lifetime
            self.capacity = capacity
            self.concurrency = concurrency
        }
    }

    /// Bytes of an answer.
    private static let maximumAnswer = 64 << 10
    /// Questions that wait for others to be answered.
    private static let maximumWaiting = 10_000
    /// Of a client, whose join ends by itself after 10 s in phoenix.js.
    private static let patience = Duration.seconds(5)

    private let settings: Settings
    private let client: HTTPClient
    private let cache: AuthorizationCache
    private let slots: RequestSlots
    private let breaker = Mutex(CircuitBreaker())
    private let now: @Sendable () -> ContinuousClock.Instant
    private let logger: Logger

    package init(
        _ settings: Settings,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        logger: Logger
    ) {
        self.settings = settings
        self.now = now
        self.logger = logger
        cache = AuthorizationCache(capacity: settings.capacity)
        slots = RequestSlots(settings.concurrency, waiting: Self.maximumWaiting)
        // A redirect would take a user's claims to where the operator has not sent them.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.concurrency
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tracing.tracer = nil
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Keeps the connections until graceful shutdown, then closes them.
    package func run() async throws {
        try? await gracefulShutdown()
        try? await client.shutdown()
    }

    // MARK: The port

    package func admits(_ identity: Identity, to conversation: ConversationKey) async throws(Refusal) -> Bool {
        let question = AuthorizationQuestion(identity, conversation)
        if let known = cache.answer(question, at: now()) { return known }
        let began = now()
        guard await slots.take() else { throw .noAnswer }
        defer { slots.give() }
        // The same may have been asked from another tab meanwhile.
        if let known = cache.answer(question, at: now()) { return known }
        guard began.duration(to: now()) < Self.patience, breaker.withLock({ $0.admit(at: now()) }) else {
            throw .noAnswer
        }
        return try await ask(question)
    }

    package func remembers(_ identity: Identity, at conversation: ConversationKey) -> Bool {
        cache.answer(AuthorizationQuestion(identity, conversation), at: now()) == true
    }

    package func forget(_ conversation: ConversationKey) { cache.forget(conversation) }

    // MARK: Asking

    private func ask(_ question: AuthorizationQuestion) async throws(Refusal) -> Bool {
        let epoch = cache.epoch
        do {
            let answer = try await withDeadline(settings.timeout) { try await self.exchange(question) }
            breaker.withLock { $0.succeeded() }
            let end = now() + (answer.lifetime ?? settings.lifetime)
            cache.keep(answer.allows, for: question, until: end, asOf: epoch)
            return answer.allows
        } catch {
            note(error)
            throw .noAnswer
        }
    }

    private func note(_ error: any Error) {
        let pause = breaker.withLock { $0.failed(at: now()) }
        logger.log(
            level: pause == nil ? .debug : .warning,
            pause == nil ? "no answer to who may join" : "no answer to who may join, asked no more for a while",
            metadata: [
                "authorization.error": "\(error)",
                "authorization.pause_s": "\(pause?.components.seconds ?? 0)",
            ]
        )
    }

    private func exchange(_ question: AuthorizationQuestion) async throws -> AuthorizationAnswer {
        var request = HTTPClientRequest(url: settings.url.absoluteString)
        request.method = .POST
        request.headers = [
            "content-type": "application/json", "accept": "application/json", "user-agent": "martlet-realtime-gateway",
        ]
        request.body = .bytes(question.encoded)
        // The deadline of the caller is the shorter one, and holds for the body, too.
        let response = try await client.execute(request, timeout: .seconds(3600))
        let body = try await response.body.collect(upTo: Self.maximumAnswer)
        return try AuthorizationAnswer(
            status: Int(response.status.code),
            cacheControl: response.headers["cache-control"],
            body: Array(body.readableBytesView)
        )
    }

    /// Runs `body`, cancelled after `limit`.
    private func withDeadline<Value: Sendable>(
        _ limit: Duration,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw AuthorizationAnswer.Unusable(description: "it did not answer within \(limit)")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}

extension Refusal {
    fileprivate static let noAnswer = Refusal(
        .unavailable,
        "the backend that decides who may come does not answer; try again"
    )
}
