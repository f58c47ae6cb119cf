/// What is allowed in every conversation, as the operator has set it.
package struct ConversationRules: Sendable, Hashable {
    /// How long authors may change what they have said.
    package var editWindow: Duration
    /// How many missed messages a client that comes back is sent at most; who missed more has to load the page anew.
    package var recoveryLimit: Int
    /// Messages of a page.
    package var pageSize: Int

    package init(editWindow: Duration = .seconds(900), recoveryLimit: Int = 1000, pageSize: Int = 50) {
        self.editWindow = editWindow
        self.recoveryLimit = recoveryLimit
        self.pageSize = pageSize
    }
}
