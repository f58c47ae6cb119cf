import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Puts questions to a backend over HTTP: so many at once, each with a deadline, and none for a moment after a few of them
/// were not answered.
final class BackendClient: Sendable {
    /// There is no answer; why is in the log.
    struct NoAnswer: Error {}

    /// Bytes of an answer.
    private static let maximumAnswer = 64 << 10
    /// Questions that wait for others to be answered.
    private static let maximumWaiting = 10_000
    /// Of a client, whose join ends by itself after 10 s in phoenix.js.
    private static let patience = Duration.seconds(5)

    private let question: String
    private let timeout: Duration
    private let client: HTTPClient
    private let slots: RequestSlots
    private let breaker = Mutex(CircuitBreaker())
    private let now: @Sendable () -> ContinuousClock.Instant
    private let logger: Logger

    /// Makes a client, which has to be shut down.
    ///
    /// - `question`: what is asked, for the log; `timeout`: for one, from the connection to the end of the answer.
    /// - `concurrency`: questions under way at once.
    init(
        _ question: String,
        timeout: Duration,
        concurrency: Int,
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        logger: Logger
    ) {
        self.question = question
        self.timeout = timeout
        self.now = now
        self.logger = logger
        slots = RequestSlots(concurrency, waiting: Self.maximumWaiting)
        // A redirect would take what a user has shown to where the operator has not sent it.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = concurrency
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tracing.tracer = nil
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async { try? await client.shutdown() }

    /// Runs `body` when it is its turn; it gets the moment at which the waiting began.
    func inTurn<Value>(
        _ body: (_ began: ContinuousClock.Instant) async throws(NoAnswer) -> Value
    ) async throws(NoAnswer) -> Value {
        let began = now()
        guard await slots.take() else { throw NoAnswer() }
        defer { slots.give() }
        return try await body(began)
    }

    /// Sends `request` and has its answer read, unless whoever asks has waited too long or the backend is left in peace.
    func ask<Answer: Sendable>(
        _ request: HTTPClientRequest,
        since began: ContinuousClock.Instant,
        _ read: @escaping @Sendable (BackendReply) throws -> Answer
    ) async throws(NoAnswer) -> Answer {
        guard began.duration(to: now()) < Self.patience, breaker.withLock({ $0.admit(at: now()) }) else {
            throw NoAnswer()
        }
        do {
            let answer = try await withDeadline(timeout) { try read(await self.exchange(request)) }
            breaker.withLock { $0.succeeded() }
            return answer
        } catch {
            note(error)
            throw NoAnswer()
        }
    }

    private func exchange(_ request: HTTPClientRequest) async throws -> BackendReply {
        var request = request
        request.headers.add(name: "accept", value: "application/json")
        request.headers.add(name: "user-agent", value: "martlet-realtime-gateway")
        // The deadline of the caller is the shorter one, and holds for the body, too.
        let response = try await client.execute(request, timeout: .seconds(3600))
        let body = try await response.body.collect(upTo: Self.maximumAnswer)
        return BackendReply(
            status: Int(response.status.code),
            cacheControl: response.headers["cache-control"],
            body: Array(body.readableBytesView)
        )
    }

    private func note(_ error: any Error) {
        let pause = breaker.withLock { $0.failed(at: now()) }
        logger.log(
            level: pause == nil ? .debug : .warning,
            pause == nil ? "no answer to \(question)" : "no answer to \(question), asked no more for a while",
            metadata: [
                "authorization.error": "\(error)",
                "authorization.pause_s": "\(pause?.components.seconds ?? 0)",
            ]
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
                throw UnusableAnswer(description: "it did not answer within \(limit)")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
