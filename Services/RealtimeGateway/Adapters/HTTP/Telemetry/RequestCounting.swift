import Hummingbird

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
