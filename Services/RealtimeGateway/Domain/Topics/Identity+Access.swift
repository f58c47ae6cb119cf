extension Identity {
    /// Whether the bearer may join `topic`, so far as the token tells.
    ///
    /// A user's own topic is for that user and for admins; a token may open it to others by pattern. Conversations have
    /// members, see ``ConversationAccess``.
    package func mayJoin(_ topic: Topic) -> Bool {
        switch topic {
        case .chatRoom, .streamComments, .roomPresence, .workspace, .channel, .thread, .media: true
        case .user(let id): id == userID || roles.contains("admin") || isGranted(topic.name)
        }
    }

    /// Whether one of the token's own patterns covers a topic's name.
    package func isGranted(_ name: String) -> Bool {
        topics.contains { pattern in
            pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
        }
    }
}
