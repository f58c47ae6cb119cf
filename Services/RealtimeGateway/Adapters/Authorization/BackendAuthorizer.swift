import AsyncHTTPClient
package import Foundation
package import Logging
import NIOHTTP1
package import RealtimeDomain
import ServiceLifecycle

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

    private let settings: Settings
    private let backend: BackendClient
    private let cache: AuthorizationCache
    private let now: @Sendable () -> ContinuousClock.Instant

    package init(
        _ settings: Settings,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        logger: Logger
    ) {
        self.settings = settings
        self.now = now
        cache = AuthorizationCache(capacity: settings.capacity)
        backend = BackendClient(
            "who may join",
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

    // MARK: The port

    package func admits(_ identity: Identity, to conversation: ConversationKey) async throws(Refusal) -> Bool {
        let question = AuthorizationQuestion(identity, conversation)
        if let known = cache.answer(question, at: now()) { return known }
        do throws(BackendClient.NoAnswer) {
            return try await backend.inTurn { began throws(BackendClient.NoAnswer) in
                // The same may have been asked from another tab meanwhile.
                if let known = cache.answer(question, at: now()) { return known }
                return try await ask(question, since: began)
            }
        } catch {
            throw .noAnswer
        }
    }

    package func remembers(_ identity: Identity, at conversation: ConversationKey) -> Bool {
        cache.answer(AuthorizationQuestion(identity, conversation), at: now()) == true
    }

    package func forget(_ conversation: ConversationKey) { cache.forget(conversation) }

    // MARK: Asking

    private func ask(
        _ question: AuthorizationQuestion,
        since began: ContinuousClock.Instant
    ) async throws(BackendClient.NoAnswer) -> Bool {
        let epoch = cache.epoch
        var request = HTTPClientRequest(url: settings.url.absoluteString)
        request.method = .POST
        request.headers = ["content-type": "application/json"]
        request.body = .bytes(question.encoded)
        let answer = try await backend.ask(request, since: began) { try AuthorizationAnswer($0) }
        let end = now() + (answer.lifetime ?? settings.lifetime)
        cache.keep(answer.allows, for: question, until: end, asOf: epoch)
        return answer.allows
    }
}

extension Refusal {
    fileprivate static let noAnswer = Refusal(
        .unavailable,
        "the backend that decides who may come does not answer; try again"
    )
}
