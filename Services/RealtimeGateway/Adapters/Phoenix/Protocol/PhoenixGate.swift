import Logging
import RealtimeDomain
import RealtimeHTTP

/// Decides who is let in, by whichever transport, and whose a token is.
final class PhoenixGate: Sendable {
    /// Who is let in, and the version they speak.
    struct Admission: Sendable {
        let identity: Identity
        let serializer: any PhoenixSerializer
        /// One of those that the user may take.
        let place: UserPlace
    }

    /// Why a client is not let in, as far as it is told.
    enum Refused: Error {
        case forbidden
        case tooManyConnections
    }

    /// When who has too many connections may ask again, in seconds: contract 5's `retry_after`.
    static let retryAfter = "30"

    private let application: PhoenixApplication
    private let tokens: any TokenVerifier
    private let origins: AllowedOrigins
    private let logger: Logger

    init(application: PhoenixApplication, tokens: any TokenVerifier, origins: AllowedOrigins, logger: Logger) {
        self.application = application
        self.tokens = tokens
        self.origins = origins
        self.logger = logger
    }

    /// Whether a page of `origin` may connect, or a program, which has none; counts those that may not.
    func allows(origin: String?) -> Bool {
        guard !origins.allow(origin) else { return true }
        _ = refusal("origin")
        return false
    }

    /// Lets in whose token holds, for the version that they speak.
    func admit(version: String?, token: String?, framing: MessageFraming) async throws(Refused) -> Admission {
        guard let serializer = SerializerVersions.negotiate(version, framing) else { throw refusal("version") }
        let identity = try await identity(token ?? "")
        guard let place = application.hub.users.admit(identity) else {
            throw refusal("user_connections", .tooManyConnections)
        }
        return Admission(identity: identity, serializer: serializer, place: place)
    }

    private func identity(_ token: String) async throws(Refused) -> Identity {
        do throws(TokenError) {
            return try await tokens.verify(token)
        } catch {
            throw refusal("token_\(error.rawValue)")
        }
    }

    /// What a new token says of somebody who is connected; `nil` if it does not hold, or is another's.
    func renewed(_ identity: Identity, by token: String) async -> Identity? {
        guard let renewed = try? await tokens.verify(token), renewed.userID == identity.userID else { return nil }
        return renewed
    }

    /// The reason is for operators.
    private func refusal(_ reason: String, _ refused: Refused = .forbidden) -> Refused {
        application.hub.metrics.connectRefused(reason)
        logger.debug("connect refused", metadata: ["reason": "\(reason)"])
        return refused
    }
}
