/// Tells the clients of this node what has happened.
package protocol ConversationAudience: Sendable {
    /// Called in the order in which things happened in a conversation, on any thread; returns without waiting.
    func tell(_ event: ConversationEvent, in conversation: ConversationKey)
}
