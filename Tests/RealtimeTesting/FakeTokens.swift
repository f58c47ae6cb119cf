package import EventSchema
package import RealtimeDomain

/// Takes a token for the name of its bearer; `bad` and the empty one are refused.
package struct FakeTokens: TokenVerifier {
    private let expiresAt: Timestamp?
    private let roles: Set<String>

    package init(expiresAt: Timestamp? = nil, roles: Set<String> = []) {
        self.expiresAt = expiresAt
        self.roles = roles
    }

    package func verify(_ token: String) async throws(TokenError) -> Identity {
        guard !token.isEmpty else { throw .missing }
        guard token != "bad" else { throw .badSignature }
        return Identity(userID: token, roles: roles, expiresAt: expiresAt)
    }
}
