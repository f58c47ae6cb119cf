import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import RealtimeHTTP

/// Phoenix's long-poll transport, to which phoenix.js falls back where WebSockets do not get through.
///
/// A GET without a session opens one, which is answered as 410 with a token; with the token it waits for messages, and a
/// POST brings some. Who was let in is whoever holds the token, until the session ends.
struct PhoenixLongPoll: Sendable {
    private let application: PhoenixApplication
    private let gate: PhoenixGate
    private let sessions: PollingSessions

    init(application: PhoenixApplication, gate: PhoenixGate, sessions: PollingSessions) {
        self.application = application
        self.gate = gate
        self.sessions = sessions
    }

    func addRoutes<Context: RequestContext>(to router: Router<Context>, path: RouterPath) {
        for method: HTTPRequest.Method in [.get, .head, .post, .put, .patch, .delete, .options] {
            router.on(path, method: method) { request, _ in try await answer(request) }
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        guard gate.allows(origin: request.headers[.origin]) else { return LongPollAnswer.forbidden }
        let query = QueryParameters(request.uri.query.map { $0[...] } ?? "")
        switch request.method {
        case .options:
            return LongPollAnswer.preflight(headers: request.headers[.accessControlRequestHeaders])
        case .get: return try await poll(request, query)
        case .post: return try await receive(request, query)
        default: return Response(status: .badRequest)
        }
    }

    // MARK: Polling

    private func poll(_ request: Request, _ query: QueryParameters) async throws -> Response {
        let tokens = query.values(of: "token").compactMap { $0 }
        guard let (token, connection) = sessions.connection(for: tokens) else {
            return try await open(
                version: query["vsn"],
                token: PollingSessions.credential(in: tokens) ?? request.headers[.phoenixAuthToken]
            )
        }
        switch try await connection.shard.loop.flatSubmit({ connection.nextMessages() }).get() {
        case .messages(let messages): return LongPollAnswer.poll(200, messages, token: token)
        case .nothing: return LongPollAnswer.poll(204, token: token)
        case .ended: return LongPollAnswer.poll(410, token: nil)
        }
    }

    private func open(version: String?, token: String?) async throws -> Response {
        let admission: PhoenixGate.Admission
        do throws(PhoenixGate.Refused) {
            admission = try await gate.admit(version: version, token: token, framing: .longPoll)
        } catch {
            switch error {
            case .forbidden: return LongPollAnswer.forbidden
            case .tooManyConnections: return LongPollAnswer.later(.tooManyRequests, retryAfter: PhoenixGate.retryAfter)
            }
        }
        let opened = try await sessions.open { [application, gate] in
            PhoenixSession(application: application, gate: gate, admission: admission)
        }
        guard let opened else {
            application.hub.metrics.connectRefused("polling_sessions")
            return LongPollAnswer.later(.serviceUnavailable, retryAfter: PhoenixGate.retryAfter)
        }
        return LongPollAnswer.poll(410, token: opened)
    }

    // MARK: Receiving

    private func receive(_ request: Request, _ query: QueryParameters) async throws -> Response {
        guard let (_, connection) = sessions.connection(for: query.values(of: "token").compactMap { $0 }) else {
            return LongPollAnswer.gone
        }
        let loop = connection.shard.loop
        do {
            let body = try await request.body.collect(upTo: sessions.limits.bodyBytes)
            let messages = try LongPollBatch.messages(
                in: body,
                isLines: LongPollBatch.isLines(request.headers[.contentType])
            )
            switch try await loop.flatSubmit({ connection.receive(messages) }).get() {
            case .taken: return LongPollAnswer.received
            case .ended: return LongPollAnswer.gone
            case .busy: return LongPollAnswer.requestTimeout
            }
        } catch is NIOTooManyBytesError {
            return LongPollAnswer.tooLarge
        } catch is MalformedFrame {
            application.metrics.frameMalformed()
            try await loop.submit { connection.close(.internalError) }.get()
            return LongPollAnswer.gone
        }
    }
}

extension HTTPField.Name {
    /// Where phoenix.js 1.8 puts a token that no proxy should log.
    fileprivate static var phoenixAuthToken: Self {
        guard let name = Self("X-Phoenix-AuthToken") else { preconditionFailure("no field name") }
        return name
    }
}
