import EventSchema
import RealtimeDomain
import RealtimeHTTP

/// Decides whose a token is, and whether its user may have one connection more.
final class SocketGate: Sendable {
    /// Who is let in.
    struct Admission: Sendable {
        let identity: Identity
        let contract: SocketContract
        /// `nil` for who was in already.
        fileprivate(set) var places: Places?
    }

    /// What one connection takes of what there is; given back with the last reference to it.
    final class Places: Sendable {
        let user: UserPlace
        private let quotas: [ConnectionQuota.Place]

        fileprivate init(user: UserPlace, quotas: [ConnectionQuota.Place]) {
            self.user = user
            self.quotas = quotas
        }
    }

    private let tokens: any TokenVerifier
    private let hub: Hub
    private let perUser: ConnectionQuota
    private let perAddress: ConnectionQuota
    private let arrivals: RateLimiter<String>
    private let failures: RateLimiter<String>

    init(tokens: any TokenVerifier, hub: Hub, limits: SocketEventLimits) {
        self.tokens = tokens
        self.hub = hub
        perUser = ConnectionQuota(limit: limits.connectionsPerUser)
        perAddress = ConnectionQuota(limit: limits.connectionsPerAddress)
        arrivals = RateLimiter(limits.arrivals)
        failures = RateLimiter(limits.failures)
    }

    /// Lets in whose token holds.
    ///
    /// - Parameter address: Where the client comes from.
    func admit(_ credentials: SocketCredentials, from address: String) async throws(Refusal) -> Admission {
        let identity = try await identity(credentials, from: address)
        var admission = Admission(identity: identity, contract: credentials.contract)
        let quotas = credentials.contract == .forum ? try quotas(identity, address) : []
        admission.places = Places(user: try place(identity), quotas: quotas)
        return admission
    }

    private func place(_ identity: Identity) throws(Refusal) -> UserPlace {
        guard let place = hub.users.admit(identity) else { throw refusal("user_connections", .tooManyConnections) }
        return place
    }

    /// What a new token says of somebody who is connected.
    func renewed(
        _ identity: Identity,
        by credentials: SocketCredentials,
        from address: String
    ) async throws(Refusal) -> Admission {
        let renewed = try await self.identity(credentials, from: address)
        guard renewed.userID == identity.userID else { throw .anotherUser }
        return Admission(identity: renewed, contract: credentials.contract)
    }

    /// Lets in who comes back as who they were, with a new token or without.
    ///
    /// - Throws: ``Refusal`` for who has to come anew.
    func readmit(
        _ identity: Identity,
        _ contract: SocketContract,
        showing credentials: SocketCredentials?,
        from address: String,
        lostAt: ContinuousClock.Instant?,
        at now: Timestamp
    ) async throws(Refusal) -> Admission {
        var admission = Admission(identity: identity, contract: contract)
        guard !hub.users.wasRevoked(identity.userID, since: lostAt) || credentials != nil else { throw .badToken }
        if let credentials { admission = try await renewed(identity, by: credentials, from: address) }
        guard admission.identity.expiresAt.map({ now < $0 }) ?? true else { throw .badToken }
        let quotas = contract == .forum ? try places(identity, address) : []
        admission.places = Places(user: try place(admission.identity), quotas: quotas)
        return admission
    }

    /// What a token says of its user.
    private func identity(
        _ credentials: SocketCredentials,
        from address: String
    ) async throws(Refusal) -> Identity {
        // Who guesses does not keep others from being looked up.
        if let wait = failures.wait(address) { throw refusal("address_failures", .rateLimited(wait)) }
        let identity: Identity
        do throws(TokenError) {
            identity = try await tokens.verify(credentials.token)
        } catch {
            guard error != .unavailable else { throw refusal("token_unavailable", .cannotAuthenticate) }
            _ = failures.take(address)
            throw refusal("token_\(error.rawValue)", .badToken)
        }
        if let appID = credentials.appID, let own = identity.appID, own != appID {
            throw refusal("token_app", .badToken)
        }
        return identity
    }

    /// Contract 3's bounds.
    private func quotas(_ identity: Identity, _ address: String) throws(Refusal) -> [ConnectionQuota.Place] {
        if let wait = arrivals.take(address) { throw refusal("address_rate", .rateLimited(wait)) }
        return try places(identity, address)
    }

    private func places(_ identity: Identity, _ address: String) throws(Refusal) -> [ConnectionQuota.Place] {
        guard let byAddress = perAddress.take(address) else {
            throw refusal("address_connections", .tooManyConnections)
        }
        guard let byUser = perUser.take(identity.userID) else { throw refusal("user_connections", .tooManyConnections) }
        return [byAddress, byUser]
    }

    /// The reason is for operators.
    private func refusal(_ reason: String, _ refusal: Refusal) -> Refusal {
        hub.metrics.connectRefused(reason)
        return refusal
    }
}

extension Refusal {
    static let badToken = Refusal(.unauthorized, "Invalid token")
    static let unauthenticated = Refusal(.unauthorized, "Authentication required")
    static let cannotAuthenticate = Refusal(.unavailable, "Authentication is not available now; try again")
    static let anotherUser = Refusal(.forbidden, "The token is another user's")
    static let tooManyConnections = Refusal(
        .rateLimited,
        "Too many connections",
        retryAfter: .seconds(30)
    )
}
