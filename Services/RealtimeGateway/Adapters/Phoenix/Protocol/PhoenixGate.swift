import Logging
import RealtimeDomain
import RealtimeHTTP

/// Decides who is let in, by whichever transport, and whose a token is.
final class PhoenixGate: Sendable {
    /// Who is let in, and the version they speak.
    struct Admission: Sendable {
        let identity: Identity
        let serializer: any PhoenixSerializer
    }

    /// A client is not let in; it learns nothing of why.
    struct Refused: Error {}

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

    func admit(origin: String?, version: String?, token: String?) async throws(Refused) -> Admission {
        guard origins.allow(origin) else { throw refusal("origin") }
        guard let serializer = SerializerVersions.negotiate(version) else { throw refusal("version") }
        do throws(TokenError) {
            return Admission(identity: try await tokens.verify(token ?? ""), serializer: serializer)
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
    private func refusal(_ reason: String) -> Refused {
        application.hub.metrics.connectRefused(reason)
        logger.debug("connect refused", metadata: ["reason": "\(reason)"])
        return Refused()
    }
}
