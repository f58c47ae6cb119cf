/// Asks a backend who may come to a conversation.
package protocol ConversationAuthorizer: Sendable {
    /// - Throws: ``Refusal`` with `unavailable` if there is no answer.
    func admits(_ identity: Identity, to conversation: ConversationKey) async throws(Refusal) -> Bool
}
