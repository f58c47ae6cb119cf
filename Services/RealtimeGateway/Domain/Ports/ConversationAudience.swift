/// Tells the clients of this node what has happened.
package protocol ConversationAudience: Sendable {
    /// Called in the order in which things happened in a conversation, on any thread; returns without waiting.
    func tell(_ event: ConversationEvent, in conversation: ConversationKey)
}

extension Array: ConversationAudience where Element == any ConversationAudience {
    package func tell(_ event: ConversationEvent, in conversation: ConversationKey) {
        for audience in self { audience.tell(event, in: conversation) }
    }
}
