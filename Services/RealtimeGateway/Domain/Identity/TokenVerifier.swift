/// Decides whether a token is good, and whose it is.
package protocol TokenVerifier: Sendable {
    /// Checks signature, expiry and claims.
    func verify(_ token: String) async throws(TokenError) -> Identity
}

/// Why a token was refused; the reason goes to logs and metrics, never to the stranger who sent it.
@nonexhaustive package enum TokenError: String, Error, Sendable {
    case missing
    case malformed
    case badSignature = "bad_signature"
    case expired
    case badClaims = "bad_claims"
    /// Nobody can say now; the same token may hold a moment later.
    case unavailable
}
