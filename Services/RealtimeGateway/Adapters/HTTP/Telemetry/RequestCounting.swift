import CoreMetrics
import Hummingbird
import Metrics
import Synchronization

/// Counts the requests that are answered, by method and status: contract 3's `http_requests_total`.
struct RequestCounting<Context: RequestContext>: RouterMiddleware {
    private let counters = RequestCounters()

    @concurrent func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        counters.count(request.method.rawValue, response.status.code)
        return response
    }
}

/// One counter for each method and status that have been seen.
private final class RequestCounters: Sendable {
    /// Methods that are named; clients may make up any others.
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private let counters = Mutex<[String: Counter]>([:])

    func count(_ method: String, _ status: Int) {
        let method = Self.methods.contains(method) ? method : "other"
        counters.withLock { counters in
            let key = "\(method) \(status)"
            let counter =
                counters[key]
                ?? Counter(label: "http_requests", dimensions: [("method", method), ("status", "\(status)")])
            counters[key] = counter
            return counter
        }.increment()
    }
}
