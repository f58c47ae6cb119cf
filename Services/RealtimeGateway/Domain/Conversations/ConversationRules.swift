/// What is allowed in every conversation, as the operator has set it.
package struct ConversationRules: Sendable, Hashable {
    /// How long authors may change what they have said.
    package var editWindow: Duration
    /// How many missed messages a client that comes back is sent at most; who missed more has to load the page anew.
    package var recoveryLimit: Int
    /// Bytes that these messages may have together, as clients get them: much less than may wait for one that reads slowly.
    package var recoveryBytes: Int
    /// Reactions to one message, and those of one user among them.
    package var reactionLimit = 500
    package var reactionLimitPerUser = 20
    /// Messages of a page; fewer, if they are large.
    package var pageSize: Int

    package init(
        editWindow: Duration = .seconds(900),
        recoveryLimit: Int = 1000,
        recoveryBytes: Int = 262_144,
        pageSize: Int = 50
    ) {
        self.editWindow = editWindow
        self.recoveryLimit = recoveryLimit
        self.recoveryBytes = recoveryBytes
        self.pageSize = pageSize
    }
}
