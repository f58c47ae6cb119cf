package import EventSchema

/// Who is behind a connection, as its token says.
package struct Identity: Sendable, Hashable {
    /// The `sub` claim: the user's id, as backends name users.
    package var userID: String
    package var name: String?
    package var email: String?
    package var avatarURL: String?
    /// `user`, `moderator`, `admin`; from `role` and `roles`.
    package var roles: Set<String>
    package var permissions: Set<String>
    /// Patterns of topics that the bearer may join besides the public ones; a `*` at the end stands for any ending.
    package var topics: [String]
    /// The application that the token is for, if it is for one alone.
    package var appID: String?
    /// When the token ends; the connection ends with it.
    package var expiresAt: Timestamp?

    package init(
        userID: String,
        name: String? = nil,
        email: String? = nil,
        avatarURL: String? = nil,
        roles: Set<String> = [],
        permissions: Set<String> = [],
        topics: [String] = [],
        appID: String? = nil,
        expiresAt: Timestamp? = nil
    ) {
        self.userID = userID
        self.name = name
        self.email = email
        self.avatarURL = avatarURL
        self.roles = roles
        self.permissions = permissions
        self.topics = topics
        self.appID = appID
        self.expiresAt = expiresAt
    }
}
