/// The clients of this node, by who they are.
package protocol ConnectedClients: Sendable {
    /// The users who have joined a conversation here, or are about to.
    func attendees(of conversation: ConversationKey) async -> Set<String>

    /// Ends the attendance of everybody for whom `isToGo`; returns when it has.
    func expel(
        from conversation: ConversationKey,
        _ expulsion: Expulsion,
        where isToGo: @escaping @Sendable (Identity) -> Bool
    ) async

    /// Closes all connections of a user, who may come back with a token that holds; returns how many there were.
    @discardableResult
    func disconnect(_ userID: String) -> Int
}

/// How a client that is sent away from a conversation takes it.
package enum Expulsion: Sendable {
    /// It is not to try again.
    case forGood
    /// It tries again by itself, and then learns whether it may.
    case toAskAgain
}
