package import EventSchema
package import RealtimeDomain
import Synchronization

/// Checks JSON Web Tokens (RFC 7519) signed with HS256, RS256, ES256 or EdDSA.
///
/// A token must name a user in `sub`, may not be longer than ``lengthLimit``, and is good until its `exp`, to the
/// second. Good tokens are remembered by their hash until then, so showing one again costs a hash and no signature check.
/// Works without suspension, so it can be called from any thread.
package final class JWTTokenVerifier: TokenVerifier {
    /// 8 KiB, more than any header line that proxies let through.
    package static let lengthLimit = 8192
    /// 30 s by which an issuer's clock may be ahead of ours when it says `nbf`.
    private static let clockSkew: Int64 = 30_000

    /// What tokens are checked against.
    package struct Configuration: Sendable {
        /// The HS256 secret, at least 32 bytes.
        package var secret: String?
        /// The PEM of an RSA, P-256 or Ed25519 public key, for RS256, ES256 or EdDSA.
        package var publicKeyPEM: String?
        /// Whether a token without `exp` is refused.
        package var requiresExpiry: Bool
        /// How many verified tokens are remembered at most; of a herd that comes back, half as many for certain.
        package var cacheCapacity: Int

        /// Sets what tokens are checked against.
        ///
        /// - `secret`: `JWT_SECRET`, string, 32 bytes or more, none.
        /// - `publicKeyPEM`: `JWT_PUBLIC_KEY` or the content of `JWT_PUBLIC_KEY_FILE`, PEM, none.
        /// - `requiresExpiry`: boolean, true.
        /// - `cacheCapacity`: tokens, 40,000.
        package init(
            secret: String? = nil,
            publicKeyPEM: String? = nil,
            requiresExpiry: Bool = true,
            cacheCapacity: Int = 40_000
        ) {
            self.secret = secret
            self.publicKeyPEM = publicKeyPEM
            self.requiresExpiry = requiresExpiry
            self.cacheCapacity = cacheCapacity
        }
    }

    private let keys: TokenKeys
    private let requiresExpiry: Bool
    private let now: @Sendable () -> Timestamp
    private let cache: Mutex<VerifiedTokenCache>

    /// Reads the keys; throws what the operator has to mend, in one line.
    package init(
        _ configuration: Configuration,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) async throws(TokenConfigurationError) {
        keys = try await TokenKeys(configuration)
        requiresExpiry = configuration.requiresExpiry
        self.now = now
        cache = Mutex(VerifiedTokenCache(capacity: configuration.cacheCapacity))
    }

    package func verify(_ token: String) throws(TokenError) -> Identity {
        guard !token.isEmpty else { throw .missing }
        guard token.utf8.count <= Self.lengthLimit else { throw .malformed }
        let key = VerifiedTokenCache.Key(token)
        let now = now()
        if let identity = cache.withLock({ $0.identity(for: key, at: now) }) { return identity }
        let identity = try check(CompactJWT(Array(token.utf8)), at: now)
        cache.withLock { $0.insert(identity, for: key) }
        return identity
    }

    private func check(_ token: CompactJWT, at now: Timestamp) throws(TokenError) -> Identity {
        guard keys.accept(token) else { throw .badSignature }
        let claims = try TokenClaims(token.payload())
        if let expiry = claims.identity.expiresAt {
            guard now < expiry else { throw .expired }
        } else if requiresExpiry {
            throw .badClaims
        }
        if let notBefore = claims.notBefore, notBefore.milliseconds > now.milliseconds + Self.clockSkew {
            throw .badClaims
        }
        return claims.identity
    }

    /// How many tokens are remembered.
    var rememberedTokens: Int { cache.withLock { $0.count } }
}
