import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OutboundHTTP

/// A server's answer with its whole body.
struct HTTPAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8] = []

    /// The server's wish when to be asked again.
    var retryAfter: Duration? { headers.first(name: "retry-after").flatMap { RetryAfter.delay($0) } }

    /// Statuses that say that the same request may be answered later.
    var isTemporaryFailure: Bool { [408, 425, 429, 500, 502, 503, 504].contains(status) }
}

/// The body of an answer is longer than what is taken.
struct ExcessiveBody: Error {
    let answer: HTTPAnswer
}

extension HTTPClient {
    /// Sends `request` and reads the answer to its end, both within `timeout`.
    ///
    /// - Parameter limit: How many bytes of a body are taken, once its head is known.
    /// - Throws: ``ExcessiveBody``, ``Unreachable``, and whatever the client throws. A body that is not as long as its
    ///   head says is an error.
    func answer(
        to request: HTTPClientRequest,
        within timeout: Duration,
        limit: @escaping @Sendable (HTTPAnswer) -> Int
    ) async throws -> HTTPAnswer {
        try await withDeadline(timeout) {
            // The deadline cancels; the client's own is only there because it wants one.
            let response = try await self.execute(request, timeout: .hours(1))
            var answer = HTTPAnswer(status: Int(response.status.code), headers: response.headers)
            let stated = response.headers.first(name: "content-length").flatMap(Int.init)
            let limit = limit(answer)
            if request.method == .HEAD { return answer }
            if let stated, stated > limit { throw ExcessiveBody(answer: answer) }
            answer.body.reserveCapacity(stated ?? 0)
            for try await part in response.body {
                guard answer.body.count + part.readableBytes <= limit else { throw ExcessiveBody(answer: answer) }
                answer.body.append(contentsOf: part.readableBytesView)
            }
            if let stated, stated != answer.body.count {
                throw Unreachable("it sent \(answer.body.count) bytes of a body of \(stated)")
            }
            return answer
        }
    }
}
