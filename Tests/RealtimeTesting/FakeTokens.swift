package import EventSchema
package import RealtimeDomain

/// Takes a token for the name of its bearer, who is an admin if it ends in `-admin`; `bad` and the empty one are refused.
///
/// `NAME@TIME` ends at that time, in milliseconds since 1970.
package struct FakeTokens: TokenVerifier {
    private let expiresAt: Timestamp?
    private let roles: Set<String>

    private let name: String?
    private let avatarURL: String?

    /// - Parameter name: Everybody's, and `avatarURL` their picture.
    package init(
        expiresAt: Timestamp? = nil,
        roles: Set<String> = [],
        name: String? = nil,
        avatarURL: String? = nil
    ) {
        self.expiresAt = expiresAt
        self.roles = roles
        self.name = name
        self.avatarURL = avatarURL
    }

    package func verify(_ token: String) async throws(TokenError) -> Identity {
        guard !token.isEmpty else { throw .missing }
        guard token != "bad" else { throw .badSignature }
        let roles = token.hasSuffix("-admin") ? roles.union(["admin"]) : roles
        let parts = token.split(separator: "@")
        guard parts.count == 2, let time = Int64(parts[1]).map(Timestamp.init(milliseconds:)) else {
            return Identity(userID: token, name: name, avatarURL: avatarURL, roles: roles, expiresAt: expiresAt)
        }
        guard time > .now else { throw .expired }
        return Identity(userID: String(parts[0]), roles: roles, expiresAt: time)
    }
}
