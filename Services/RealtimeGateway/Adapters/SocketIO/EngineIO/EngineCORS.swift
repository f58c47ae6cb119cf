import HTTPTypes
import RealtimeHTTP

/// Tells browsers whether a page may read an answer; without credentials, since a session's id is all that counts.
struct EngineCORS {
    private let origins: AllowedOrigins
    /// The page's origin if it may; not kept where any may.
    private let origin: String?

    init(origins: AllowedOrigins, origin: String?) {
        self.origins = origins
        self.origin = origins != .any && origins.allow(origin) ? origin : nil
    }

    func allow(_ answer: inout ExchangeAnswer) {
        switch origins {
        case .any: answer.headers[.accessControlAllowOrigin] = "*"
        case .only:
            answer.headers[.vary] = ["Origin", answer.headers[.vary]].compactMap { $0 }.joined(separator: ", ")
            if let origin { answer.headers[.accessControlAllowOrigin] = origin }
        }
    }
}
