import RealtimeDomain

/// What a client is to one stream or room.
struct StreamAttendance: Sendable, Hashable {
    let streamID: String
    /// What kind of conversation it talks in; `nil` while it does not take part in the talk.
    var talk: ConversationKey.Kind?
    /// How it is shown there, if not as its token says.
    var name: String?
    /// Whether it is told of the stream's state, viewers and reactions; then it is a viewer.
    var watches = false
    var followsFigures = false

    var isEmpty: Bool { talk == nil && !watches && !followsFigures }

    /// The conversation in which the client talks.
    var key: ConversationKey? { talk.map { ConversationKey($0, streamID) } }

    /// The client as it is shown there.
    func speaker(_ identity: Identity) -> Identity {
        guard let name else { return identity }
        var shown = identity
        shown.name = name
        return shown
    }
}
