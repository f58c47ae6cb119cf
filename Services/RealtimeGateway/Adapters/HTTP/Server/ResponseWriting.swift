import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Has a responder answer each request, and writes what it says.
struct ResponseWriting<Responder: HTTPResponder>: Sendable
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    let responder: Responder
    let logger: Logger

    @concurrent @Sendable func respond(
        to request: Request,
        _ writer: consuming ResponseWriter,
        on channel: any Channel
    ) async throws {
        let context = Responder.Context(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        var response: Response
        do {
            response = try await RequestChannel.$current.withValue(channel) {
                try await responder.respond(to: request, context: context)
            }
        } catch {
            logger.error("request failed", metadata: ["error": "\(error)"])
            response = Response(status: .internalServerError)
        }
        response.headers[.date] = HTTPDate(seconds: Int64(Date().timeIntervalSince1970)).description
        try await writer.write(response: response.head, body: response.body)
    }
}
