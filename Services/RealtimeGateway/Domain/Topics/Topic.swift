import EventSchema

/// A topic of contract 1 or 5, taken apart.
package enum Topic: Sendable, Hashable {
    /// Messages of a room: `chat:room:R`.
    case chatRoom(String)
    /// Comments on a live stream: `comments:stream:S`.
    case streamComments(String)
    /// Who is in a room: `presence:room:R`.
    case roomPresence(String)
    /// What concerns a whole workspace: `workspace:W`.
    case workspace(String)
    /// Messages of a workspace's channel: `channel:C`.
    case channel(String)
    /// What happens to a thread of a forum: `thread:T`.
    case thread(String)
    /// What concerns one user, on all of their devices: `user:U`.
    case user(String)
    /// What becomes of an upload: `media:M`, its id in lower case.
    case media(String)

    /// Reads a topic's name; `nil` if it is none of ours, or its id is no identifier.
    package init?(_ name: String) {
        for (prefix, make) in Self.prefixes where name.hasPrefix(prefix) {
            let id = name.dropFirst(prefix.count)
            guard id.isIdentifier else { return nil }
            self = make(String(id))
            return
        }
        return nil
    }

    private static let prefixes: [(String, @Sendable (String) -> Topic)] = [
        ("chat:room:", { .chatRoom($0) }),
        ("comments:stream:", { .streamComments($0) }),
        ("presence:room:", { .roomPresence($0) }),
        ("workspace:", { .workspace($0) }),
        ("channel:", { .channel($0) }),
        ("thread:", { .thread($0) }),
        ("user:", { .user($0) }),
        ("media:", { .media($0) }),
    ]

    /// The name under which clients join it.
    package var name: String {
        switch self {
        case .chatRoom(let id): "chat:room:\(id)"
        case .streamComments(let id): "comments:stream:\(id)"
        case .roomPresence(let id): "presence:room:\(id)"
        case .workspace(let id): "workspace:\(id)"
        case .channel(let id): "channel:\(id)"
        case .thread(let id): "thread:\(id)"
        case .user(let id): "user:\(id)"
        case .media(let id): "media:\(id)"
        }
    }

    /// The topic on which a conversation's messages are told.
    package init(of conversation: ConversationKey) {
        switch conversation.kind {
        case .room: self = .chatRoom(conversation.id)
        case .stream: self = .streamComments(conversation.id)
        case .channel: self = .channel(conversation.id)
        case .workspace: self = .workspace(conversation.id)
        case .thread: self = .thread(conversation.id)
        }
    }

    /// All topics that belong to a conversation.
    package static func all(of conversation: ConversationKey) -> [Topic] {
        let main = Topic(of: conversation)
        return conversation.kind == .room ? [main, .roomPresence(conversation.id)] : [main]
    }

    /// The topic on which a conversation is told of in contract 4's words, whose clients join none by name.
    package static func talk(of conversation: ConversationKey) -> String { "talk.\(conversation)" }

    /// The topic on which it is told in contract 4's words what goes on around a stream or room besides.
    package static func live(_ id: String) -> String { "live:\(id)" }

    /// The topic on which a stream's figures are told.
    package static func analytics(_ id: String) -> String { "analytics:\(id)" }

    /// Everything on which clients hear of a conversation.
    package static func names(of conversation: ConversationKey) -> [String] {
        let names = all(of: conversation).map(\.name) + [talk(of: conversation)]
        return conversation.kind.isModerated ? names + [live(conversation.id), analytics(conversation.id)] : names
    }

    /// The conversation whose members may join.
    package var conversation: ConversationKey? {
        switch self {
        case .chatRoom(let id), .roomPresence(let id): ConversationKey(.room, id)
        case .streamComments(let id): ConversationKey(.stream, id)
        case .channel(let id): ConversationKey(.channel, id)
        case .workspace(let id): ConversationKey(.workspace, id)
        case .thread(let id): ConversationKey(.thread, id)
        case .user, .media: nil
        }
    }
}
