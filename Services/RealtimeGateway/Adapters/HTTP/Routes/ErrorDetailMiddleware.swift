package import Hummingbird
import Logging

/// Answers every error below it with ``ErrorDetail``, so that no route needs to know how errors are spelled.
///
/// What was nobody's request to begin with (a failing disk) is logged here, once, and told to the client as a bare 500.
package struct ErrorDetailMiddleware<Context: RequestContext>: RouterMiddleware {
    package init() {}

    @concurrent package func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as ErrorDetail {
            return error.response
        } catch let error as HTTPError {
            let detail = error.body ?? error.status.reasonPhrase.lowercased()
            return ErrorDetail(error.status, detail, error.headers).response
        } catch let error as any HTTPResponseError {
            return ErrorDetail(error.status, error.status.reasonPhrase.lowercased()).response
        } catch let error as CancellationError {
            throw error
        } catch {
            context.logger.error(
                "request failed",
                metadata: ["http.path": .string(request.uri.path), "error": "\(error)"]
            )
            return ErrorDetail(.internalServerError, "internal server error").response
        }
    }
}
