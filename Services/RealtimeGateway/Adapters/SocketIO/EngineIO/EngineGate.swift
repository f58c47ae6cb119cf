import RealtimeHTTP

/// Decides what a request is for, by the checks of Engine.IO 6 in their order.
struct EngineGate {
    struct Question {
        let query: QueryParameters
        let isGet: Bool
        let origin: String?
        /// Whether it asks for a WebSocket.
        let isUpgrade: Bool
    }

    enum Verdict {
        case handshake
        case session(EngineSessions.Entry)
    }

    let sessions: EngineSessions
    let origins: AllowedOrigins

    func decide(_ question: Question) throws(EngineError) -> Verdict {
        let transport = question.query["transport"]
        guard transport == "polling" || transport == "websocket" else { throw .unknownTransport }
        // JSONP, a way around the rules of browsers from before there was CORS, is not spoken here.
        guard Self.isValid(origin: question.origin), question.query["j"] == nil else { throw .badRequest }
        if let sid = question.query["sid"] {
            guard let entry = sessions[sid] else { throw .unknownSession }
            guard question.isUpgrade == (transport == "websocket") else { throw .badRequest }
            return .session(entry)
        }
        guard question.isGet else { throw .badHandshakeMethod }
        guard question.isUpgrade == (transport == "websocket") else { throw .badRequest }
        guard origins.allow(question.origin) else { throw .forbidden }
        // A client that names no version is one of version 3.
        guard question.query["EIO"] == "4" else { throw .unsupportedVersion }
        return .handshake
    }

    /// Whether it could stand in a header: no control characters.
    private static func isValid(origin: String?) -> Bool {
        origin?.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) } ?? true
    }
}
