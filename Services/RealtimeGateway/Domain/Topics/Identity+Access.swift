extension Identity {
    /// Whether the bearer may join `topic`: a user's own topic is for that user and for admins, all others are for everybody
    /// with a token; a token may open further topics by pattern.
    package func mayJoin(_ topic: Topic) -> Bool {
        switch topic {
        case .chatRoom, .streamComments, .roomPresence, .media: true
        case .user(let id): id == userID || roles.contains("admin") || isGranted(topic.name)
        }
    }

    /// Whether one of the token's own patterns covers a topic's name.
    private func isGranted(_ name: String) -> Bool {
        topics.contains { pattern in
            pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
        }
    }
}
