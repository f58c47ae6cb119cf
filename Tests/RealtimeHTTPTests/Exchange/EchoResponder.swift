import HTTPTypes
import NIOCore
import Synchronization

@testable import RealtimeHTTP

/// Answers a GET with its query, a POST with its content; `?wait` waits until it is released, `?refuse` takes no content.
final class EchoResponder: WebSocketEndpoint, ExchangeResponder {
    /// What became of requests that were not answered.
    enum Ended: Equatable, Sendable {
        case aborted
        case contentAborted
    }

    let path = "/shared/"
    let contentLimit = 100
    private let other: any EventLoop
    private let waiting = Mutex<[EventLoopPromise<ExchangeAnswer>]>([])
    private let waits = AsyncStream.makeStream(of: Void.self)
    private let ends = AsyncStream.makeStream(of: Ended.self)

    /// - Parameter other: The event loop on which answers come, as those of sessions do.
    init(_ other: any EventLoop) {
        self.other = other
    }

    var responder: (any ExchangeResponder)? { self }

    func answer(_ request: UpgradeRequest) async -> UpgradeAnswer { .accept { EchoSession(hub: $0, topic: nil) } }

    func begin(_ request: ExchangeRequest) -> ExchangeCourse {
        if request.query["large"] != nil { return .answer(Self.text(String(repeating: "x", count: 100_000))) }
        if request.query["wait"] != nil { return wait() }
        guard request.method == "POST" else {
            return .answer(Self.text("\(request.method) \(request.query["q"] ?? "-")"))
        }
        let refusal = request.query["refuse"].map { _ in ExchangeAnswer(status: .forbidden) }
        return .content(refusal: other.makeSucceededFuture(refusal)) { [other] content in
            other.makeSucceededFuture(self.answer(content))
        }
    }

    private func wait() -> ExchangeCourse {
        let promise = other.makePromise(of: ExchangeAnswer.self)
        waiting.withLock { $0.append(promise) }
        waits.continuation.yield()
        return .wait(promise.futureResult) { [self] in
            ends.continuation.yield(.aborted)
            promise.succeed(Self.text("aborted"))
        }
    }

    private func answer(_ content: ExchangeContent) -> ExchangeAnswer {
        switch content {
        case .whole(let body): return ExchangeAnswer(status: .ok, headers: [.contentType: "text/a"], body: body)
        case .tooLarge: return ExchangeAnswer(status: .contentTooLarge)
        case .aborted:
            ends.continuation.yield(.contentAborted)
            return ExchangeAnswer(status: .badRequest)
        }
    }

    private static func text(_ text: String) -> ExchangeAnswer {
        ExchangeAnswer(status: .ok, body: ByteBuffer(string: text))
    }

    // MARK: For tests

    /// Returns when another request waits.
    func untilWaiting() async { for await _ in waits.stream { return } }

    func nextEnd() async -> Ended? {
        for await end in ends.stream { return end }
        return nil
    }

    /// Answers all requests that wait.
    func release(_ text: String) {
        for promise in waiting.withLock({ waiting in
            defer { waiting = [] }
            return waiting
        }) { promise.succeed(Self.text(text)) }
    }
}
