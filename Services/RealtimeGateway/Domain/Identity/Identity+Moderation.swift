extension Identity {
    /// Whether the token makes its bearer a moderator everywhere.
    package var isModerator: Bool { !roles.isDisjoint(with: ["moderator", "admin"]) }
}
