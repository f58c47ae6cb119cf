import AsyncHTTPClient
package import Foundation
import NIOCore
import NIOHTTP1
package import OutboundHTTP

/// Calls the S3 API for one bucket, with signatures, deadlines and retries.
package struct S3Client: Sendable {
    /// The deadlines of a client, and whom it trusts.
    package struct Settings: Sendable {
        package var retries = RetryPolicy()
        /// For one try without its bytes, from the connection to the end of the answer.
        package var timeout = Duration.seconds(20)
        /// Bytes in a second that a connection is expected to carry, for the rest of a try's time.
        package var slowestRate = 128 * 1024
        /// Who vouches for the store besides those that the system trusts.
        package var authorities: TrustedAuthorities?
        package var now: @Sendable () -> Date = { Date() }

        package init() {}
    }

    /// The one client of all stores in this process that trust the same.
    private static let clients = SharedClients<HTTPClient> { authorities in
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.tlsConfiguration = authorities?.clientTLS
        configuration.timeout.connect = .seconds(10)
        configuration.timeout.read = .seconds(20)
        configuration.timeout.write = .seconds(20)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
        // A failed connection is told at once; we have our own idea of how often to try.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    let endpoint: S3Endpoint
    private let credentials: S3Credentials
    private let settings: Settings
    private let http: HTTPClient

    package init(_ location: S3Location, _ credentials: S3Credentials, settings: Settings = Settings()) {
        endpoint = S3Endpoint(location, region: credentials.region)
        self.credentials = credentials
        self.settings = settings
        http = Self.clients.trusting(settings.authorities)
    }

    /// Sends `request` until it is answered for good.
    ///
    /// - Parameter accept: Looks at every answer that is no failure by itself; a complaint, and it is tried again.
    /// - Returns: An answer with a status of 2xx, or one that `expecting` lists.
    func send(
        _ request: S3Request,
        expecting statuses: Set<Int> = [],
        accept: @escaping @Sendable (HTTPAnswer) -> String? = { _ in nil }
    ) async throws(ObjectStoreError) -> HTTPAnswer {
        try await settings.retries.run { _ in
            let answer: HTTPAnswer
            do {
                answer = try await exchange(request)
            } catch {
                return failure(request, error)
            }
            let failure = S3Failure(answer)
            // What is got may begin like an error as it likes.
            let isGood = (200..<300).contains(answer.status) && (request.method == .GET || failure.name == nil)
            if isGood || statuses.contains(answer.status) {
                guard let complaint = accept(answer) else { return .done(answer) }
                return .again(error(.unavailable, request, complaint))
            }
            let told = error(failure.code, request, failure.explanation)
            return failure.isTemporary ? .again(told, after: answer.retryAfter) : .failed(told)
        }
    }

    /// The error for `request`: what, where, and then the cause.
    func error(_ code: ObjectStoreError.Code, _ request: S3Request, _ cause: String) -> ObjectStoreError {
        ObjectStoreError(code, "cannot \(request.purpose) in \(endpoint.description): \(cause)")
    }

    /// Makes the bucket, if it is not there; for whoever sets a store up.
    package func makeBucket() async throws(ObjectStoreError) {
        _ = try await send(S3Request(method: .PUT, key: "", purpose: "make the bucket"), expecting: [409])
    }

    // MARK: One try

    private func exchange(_ request: S3Request) async throws -> HTTPAnswer {
        let signed = request.signed(for: endpoint, by: credentials, at: settings.now())
        let bytes = request.body.count + (request.method == .GET ? min(request.answerLimit, 64 << 20) : 0)
        let timeout = settings.timeout + .seconds(bytes / settings.slowestRate)
        return try await http.answer(to: signed, within: timeout) { head in
            (200..<300).contains(head.status) ? request.answerLimit : 64 * 1024
        }
    }

    private func failure(_ request: S3Request, _ cause: any Error) -> Attempt<HTTPAnswer> {
        guard let excess = cause as? ExcessiveBody else {
            return .again(error(.unavailable, request, Unreachable.describe(cause)))
        }
        guard (200..<300).contains(excess.answer.status) else {
            return .again(error(.unavailable, request, "the server answered \(excess.answer.status) at great length"))
        }
        return .failed(error(.tooLarge, request, "it has more than \(request.answerLimit) bytes"))
    }
}
