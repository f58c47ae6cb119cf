package import EventSchema

/// What a moderator has imposed on somebody, or slow mode on everybody; it holds for the id of a room or stream.
package struct Sanction: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case ban
        case mute
        case slowMode = "slow_mode"
    }

    package let kind: Kind
    /// Empty for slow mode.
    package let userID: String
    package let reason: String?
    package let moderatorID: String
    package let at: Timestamp
    /// `nil` if it has no end.
    package let until: Timestamp?
    /// Seconds between two messages of one user, in slow mode.
    package let interval: Int64?

    package init(
        _ kind: Kind,
        of userID: String,
        reason: String? = nil,
        moderatorID: String,
        at timestamp: Timestamp,
        until: Timestamp? = nil,
        interval: Int64? = nil
    ) {
        self.kind = kind
        self.userID = userID
        self.reason = reason
        self.moderatorID = moderatorID
        at = timestamp
        self.until = until
        self.interval = interval
    }

    /// Whether it is not over yet.
    package func holds(at now: Timestamp) -> Bool { until.map { now < $0 } ?? true }

    /// Why the user is refused, and for how long; `nil` once it is over.
    func refusal(at now: Timestamp) -> Refusal? {
        guard holds(at: now) else { return nil }
        let rest = until.map { Duration.untilSecond(milliseconds: $0.milliseconds - now.milliseconds) }
        switch kind {
        case .ban: return Refusal(.banned, "You are banned here", retryAfter: rest)
        case .mute: return Refusal(.muted, "You are muted here", retryAfter: rest)
        case .slowMode: return nil
        }
    }
}

extension Duration {
    /// Whole seconds, at least one, that cover some milliseconds.
    static func untilSecond(milliseconds: Int64) -> Duration { .seconds(max(1, (milliseconds + 999) / 1000)) }
}

extension ConversationKey.Kind {
    /// Whether sanctions hold in such conversations.
    package var isModerated: Bool { self == .room || self == .stream }

    /// The kinds in which they hold.
    package static let moderated = allCases.filter(\.isModerated)
}

extension ConnectedClients {
    /// Sends a banned user away from wherever a conversation's id leads.
    func expel(banned userID: String, from conversationID: String) async {
        for kind in ConversationKey.Kind.moderated {
            await expel(from: ConversationKey(kind, conversationID), .forGood) {
                $0.userID == userID && !$0.isModerator
            }
        }
    }
}
