/// Asks a backend who may come to a conversation.
package protocol ConversationAuthorizer: Sendable {
    /// - Throws: ``Refusal`` with `unavailable` if there is no answer.
    func admits(_ identity: Identity, to conversation: ConversationKey) async throws(Refusal) -> Bool

    /// Whether it is known without asking that somebody may come.
    func remembers(_ identity: Identity, at conversation: ConversationKey) -> Bool

    /// What was answered about a conversation does not hold any more.
    func forget(_ conversation: ConversationKey)
}

extension ConversationAuthorizer {
    package func remembers(_ identity: Identity, at conversation: ConversationKey) -> Bool { false }

    package func forget(_ conversation: ConversationKey) {}
}
