import RealtimeDomain

/// The hub's topics on which Socket.IO clients are told of things; each thing is told there in the words of its contract.
enum SocketTopics {
    /// What is said in a room, a stream or a thread, and how it is moderated: `talk.room:R`.
    static func talk(_ key: ConversationKey) -> String { Topic.talk(of: key) }

    /// What goes on around a stream besides: its state, viewers, reactions.
    static func live(_ streamID: String) -> String { Topic.live(streamID) }

    /// The figures of a stream.
    static func analytics(_ streamID: String) -> String { Topic.analytics(streamID) }

    /// All topics of what an id of contract 4 names.
    static func all(of streamID: String) -> [String] {
        ConversationKey.talks(of: streamID).map(talk) + [live(streamID), analytics(streamID)]
    }

    /// What concerns one user, on all devices.
    static func user(_ userID: String) -> String { "inbox:\(userID)" }

    /// Who comes and goes, and what happens in threads that are open to all: for everybody in the forum.
    static let forum = "forum:all"

    /// The room or stream whose talk is told of on a topic; `nil` for any other.
    static func conversation(_ topic: String) -> ConversationKey? {
        guard topic.hasPrefix("talk."), let key = ConversationKey(String(topic.dropFirst(5))) else { return nil }
        return key.kind.isModerated ? key : nil
    }
}
