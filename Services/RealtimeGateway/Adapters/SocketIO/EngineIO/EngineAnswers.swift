import HTTPTypes
import NIOCore
import RealtimeHTTP

/// What one request may be answered, also by an error: whoever asked may read it.
struct EngineAnswers {
    let cors: EngineCORS

    func packets(_ body: ByteBuffer) -> ExchangeAnswer {
        answer(.ok, [.contentType: "text/plain; charset=UTF-8", .cacheControl: "no-store"], body)
    }

    func poll(_ answer: EngineSocket.PollAnswer) -> ExchangeAnswer {
        switch answer {
        case .packets(let packets): self.packets(EnginePayload.join(packets))
        case .overlap: empty(.badRequest)
        case .otherTransport: refusal(.badRequest)
        case .unknownSession: refusal(.unknownSession)
        }
    }

    func post(_ answer: EngineSocket.PostAnswer) -> ExchangeAnswer {
        switch answer {
        case .taken:
            self.answer(.ok, [.contentType: "text/html", .cacheControl: "no-store"], ByteBuffer(string: "ok"))
        case .overlap: empty(.badRequest)
        case .otherTransport: refusal(.badRequest)
        case .unknownSession: refusal(.unknownSession)
        }
    }

    func refusal(_ error: EngineError) -> ExchangeAnswer {
        answer(
            error == .forbidden ? .forbidden : .badRequest,
            [.contentType: "application/json"],
            ByteBuffer(string: error.json)
        )
    }

    /// There is no room for another session now.
    var later: ExchangeAnswer { answer(.serviceUnavailable, [.retryAfter: "30"]) }

    func empty(_ status: HTTPResponse.Status) -> ExchangeAnswer { answer(status, [:]) }

    /// Answers the question whether a page from elsewhere may ask, as Socket.IO does.
    func preflight(_ request: ExchangeRequest) -> ExchangeAnswer {
        var headers: HTTPFields = [
            .accessControlAllowMethods: "GET,HEAD,PUT,PATCH,POST,DELETE",
            .vary: "Access-Control-Request-Headers",
        ]
        let asked = request.headers["access-control-request-headers"]
        if !asked.isEmpty { headers[.accessControlAllowHeaders] = asked.joined(separator: ", ") }
        return answer(.noContent, headers)
    }

    private func answer(
        _ status: HTTPResponse.Status,
        _ headers: HTTPFields,
        _ body: ByteBuffer = ByteBuffer()
    ) -> ExchangeAnswer {
        var answer = ExchangeAnswer(status: status, headers: headers, body: body)
        cors.allow(&answer)
        return answer
    }
}
