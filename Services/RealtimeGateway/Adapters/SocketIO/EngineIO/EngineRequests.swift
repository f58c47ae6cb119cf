import HTTPTypes
import Hummingbird
import NIOCore
import RealtimeHTTP

/// Polling: a GET waits for packets, a POST brings some.
struct EngineRequests: Sendable {
    let server: EngineServer

    func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        for method: HTTPRequest.Method in [.get, .head, .post, .put, .patch, .delete, .options] {
            router.on(RouterPath(server.path), method: method) { request, _ in
                var response = try await answer(request)
                cors.allow(request, &response)
                return response
            }
        }
    }

    private var cors: EngineCORS { EngineCORS(origins: server.gate.origins) }

    private func answer(_ request: Request) async throws -> Response {
        guard request.method != .options else { return cors.preflight(request) }
        let query = QueryParameters(request.uri.query.map { $0[...] } ?? "")
        let question = EngineGate.Question(
            query: query,
            isGet: request.method == .get,
            origin: request.headers[.origin],
            isUpgrade: false
        )
        do throws(EngineError) {
            switch try server.gate.decide(question) {
            case .handshake: return await open(request, query)
            case .session(let entry): return await answer(request, entry)
            }
        } catch {
            server.hub.metrics.connectRefused("engine_\(error.rawValue)")
            return EngineAnswer.refusal(error)
        }
    }

    private func open(_ request: Request, _ query: QueryParameters) async -> Response {
        let handshake = EngineHandshake(
            query: query,
            remoteAddress: RequestChannel.current?.remoteAddress,
            forwardedFor: HTTPField.Name("X-Forwarded-For").map { request.headers[values: $0] } ?? []
        )
        guard let packet = try? await server.openPolling(handshake) else {
            server.hub.metrics.connectRefused("polling_sessions")
            return EngineAnswer.later
        }
        var response = EngineAnswer.packets(packet)
        // Clients that keep connections would send the request for a WebSocket over this one, which is HTTP's for good.
        response.headers[.connection] = "close"
        return response
    }

    private func answer(_ request: Request, _ entry: EngineSessions.Entry) async -> Response {
        switch request.method {
        case .get: await poll(entry)
        case .post: await receive(request, entry)
        default: Response(status: .internalServerError)
        }
    }

    private func poll(_ entry: EngineSessions.Entry) async -> Response {
        let (socket, channel) = (entry.socket, RequestChannel.current)
        let answer = entry.shard.loop.flatSubmit {
            socket.poll { number in
                guard let channel else { return }
                RequestChannel.watch(channel) { [weak socket] in
                    entry.shard.loop.execute { socket?.pollAborted(number) }
                }
            }
        }
        switch try? await answer.get() {
        case .packets(let packets): return EngineAnswer.packets(EnginePayload.join(packets))
        case .overlap: return Response(status: .badRequest)
        case .otherTransport: return EngineAnswer.refusal(.badRequest)
        case .unknownSession, nil: return EngineAnswer.refusal(.unknownSession)
        }
    }

    private func receive(_ request: Request, _ entry: EngineSessions.Entry) async -> Response {
        let (socket, loop) = (entry.socket, entry.shard.loop)
        do {
            if let refused = try await loop.submit({ socket.beginPost() }).get() { return EngineAnswer.post(refused) }
            let body: ByteBuffer
            do {
                body = try await request.body.collect(upTo: server.options.maxPayload)
            } catch let error as NIOTooManyBytesError {
                try await loop.submit { socket.isPosting = false }.get()
                throw error
            }
            guard request.headers[.contentType] != "application/octet-stream",
                let packets = EnginePayload.packets(in: body)
            else {
                try await loop.submit { socket.failPost() }.get()
                return Response(status: .badRequest)
            }
            return EngineAnswer.post(try await loop.flatSubmit { socket.endPost(packets) }.get())
        } catch is NIOTooManyBytesError {
            return Response(status: .contentTooLarge)
        } catch {
            loop.execute { socket.failPost() }
            return Response(status: .badRequest)
        }
    }
}
