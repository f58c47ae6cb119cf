import HTTPTypes
import NIOCore
import RealtimeHTTP

/// Polling: a GET waits for packets, a POST brings some.
struct EngineRequests: ExchangeResponder {
    let server: EngineServer

    var contentLimit: Int { server.options.maxPayload }

    func begin(_ request: ExchangeRequest) -> ExchangeCourse {
        let origin = request.headers.first(name: "origin")
        let answers = EngineAnswers(cors: EngineCORS(origins: server.gate.origins, origin: origin))
        guard request.method != "OPTIONS" else { return .answer(answers.preflight(request)) }
        let question = EngineGate.Question(
            query: request.query,
            isGet: request.method == "GET",
            origin: origin,
            isUpgrade: false
        )
        do throws(EngineError) {
            switch try server.gate.decide(question) {
            case .handshake: return open(request, answers)
            case .session(let entry): return course(of: request, entry, answers)
            }
        } catch {
            server.hub.metrics.connectRefused("engine_\(error.rawValue)")
            return .answer(answers.refusal(error))
        }
    }

    private func open(_ request: ExchangeRequest, _ answers: EngineAnswers) -> ExchangeCourse {
        let handshake = EngineHandshake(
            query: request.query,
            remoteAddress: request.remoteAddress,
            forwardedFor: request.headers["x-forwarded-for"]
        )
        return .wait(
            server.openPolling(handshake).map { [server] packet in
                if let packet { return answers.packets(packet) }
                server.hub.metrics.connectRefused("polling_sessions")
                return answers.later
            }
        )
    }

    private func course(
        of request: ExchangeRequest,
        _ entry: EngineSessions.Entry,
        _ answers: EngineAnswers
    ) -> ExchangeCourse {
        switch request.method {
        case "GET": poll(entry, answers)
        case "POST": receive(request, entry, answers)
        default: .answer(answers.empty(.internalServerError))
        }
    }

    // MARK: Polls

    private func poll(_ entry: EngineSessions.Entry, _ answers: EngineAnswers) -> ExchangeCourse {
        let (socket, loop) = (entry.socket, entry.shard.loop)
        let waiting = WaitingPoll()
        // Never at once, even on this loop: the session may be in the midst of answering the poll before.
        let answer = loop.flatSubmit { socket.poll { waiting.number = $0 }.map(answers.poll) }
        return .wait(answer) { [weak socket] in
            loop.execute { if let number = waiting.number { socket?.pollAborted(number) } }
        }
    }

    /// Which poll of its session it is, if it waits; touched on the session's event loop only, which is its guard.
    private final class WaitingPoll: @unchecked Sendable {
        var number: UInt32?
    }

    // MARK: Packets

    private func receive(
        _ request: ExchangeRequest,
        _ entry: EngineSessions.Entry,
        _ answers: EngineAnswers
    ) -> ExchangeCourse {
        let (socket, loop) = (entry.socket, entry.shard.loop)
        let isBinary = request.headers.first(name: "content-type") == "application/octet-stream"
        return .content(refusal: loop.submit { socket.beginPost().map(answers.post) }) { content in
            loop.flatSubmit { finish(isBinary && content.isWhole ? .aborted : content, socket, answers) }
        }
    }

    private func finish(
        _ content: ExchangeContent,
        _ socket: EngineSocket,
        _ answers: EngineAnswers
    ) -> EventLoopFuture<ExchangeAnswer> {
        switch content {
        case .whole(let body):
            guard let packets = EnginePayload.packets(in: body) else { return finish(.aborted, socket, answers) }
            return socket.endPost(packets).map(answers.post)
        case .tooLarge:
            socket.isPosting = false
            return socket.shard.loop.makeSucceededFuture(answers.empty(.contentTooLarge))
        case .aborted:
            socket.failPost()
            return socket.shard.loop.makeSucceededFuture(answers.empty(.badRequest))
        }
    }
}
