/// Names a conversation: what it is, and its id among those of its kind.
package struct ConversationKey: Sendable, Hashable, CustomStringConvertible {
    /// What kind of place it is.
    package enum Kind: String, Sendable, CaseIterable {
        case room
        /// Comments on a live stream.
        case stream
        /// A channel of a workspace.
        case channel
        /// A thread of a forum.
        case thread
        /// What holds channels together; nothing is said there.
        case workspace
    }

    package let kind: Kind
    package let id: String

    package init(_ kind: Kind, _ id: String) {
        self.kind = kind
        self.id = id
    }

    /// `room:42`, as it is stored.
    package var description: String { "\(kind.rawValue):\(id)" }

    /// Reads what ``description`` wrote.
    package init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), let kind = Kind(rawValue: String(text[..<colon])) else {
            return nil
        }
        self.init(kind, String(text[text.index(after: colon)...]))
    }
}
