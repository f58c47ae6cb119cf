package import EventSchema

/// Somebody's reaction to a stream, with its place on the screen.
package struct StreamReaction: Sendable, Hashable {
    package let emoji: String
    package let userID: String
    /// From 0 at the left to 1.
    package let x: Double
    /// From 0 at the top to 1.
    package let y: Double
    package let at: Timestamp

    package init(emoji: String, userID: String, x: Double, y: Double, at: Timestamp) {
        self.emoji = emoji
        self.userID = userID
        self.x = x
        self.y = y
        self.at = at
    }
}

/// Reactions to one stream that gather for a moment, so that a storm of them stays a few events.
package struct ReactionBurst: Sendable {
    /// A reaction, and how many with the same emoji it stands for, itself included.
    package struct Entry: Sendable, Hashable {
        package let reaction: StreamReaction
        package var count: Int
    }

    /// Reactions that are passed on one by one; of more, those with one emoji become one.
    package static let limit = 10
    /// Different emoji of one burst; those of further ones are dropped.
    private static let maximumKinds = 100

    private var entries: [Entry] = []

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    package mutating func add(_ reaction: StreamReaction) {
        if entries.count < Self.limit {
            entries.append(Entry(reaction: reaction, count: 1))
        } else if let last = entries.lastIndex(where: { $0.reaction.emoji == reaction.emoji }) {
            entries[last].count += 1
        } else if entries.count < Self.maximumKinds {
            entries.append(Entry(reaction: reaction, count: 1))
        }
    }

    /// What has gathered, in the order in which it came; then it is forgotten.
    package mutating func take() -> [Entry] {
        defer { entries = [] }
        return entries
    }
}
