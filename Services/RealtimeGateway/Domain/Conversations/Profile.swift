/// How a user is shown to others.
package struct Profile: Sendable, Hashable {
    package let userID: String
    package var name: String
    package var avatarURL: String?

    package init(userID: String, name: String? = nil, avatarURL: String? = nil) {
        self.userID = userID
        self.name = name ?? userID
        self.avatarURL = avatarURL
    }
}

extension Identity {
    /// As the token's claims say.
    package var profile: Profile { Profile(userID: userID, name: name, avatarURL: avatarURL) }
}
