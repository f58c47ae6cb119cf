package import Foundation

/// Where a client that comes back had stopped.
package enum ResumePoint: Sendable, Hashable {
    /// The seq of the last message that it has seen; 0 for none.
    case seq(Int64)
    /// The id of that message.
    case message(UUID)
}

/// How a client finds a conversation when it comes.
package struct Arrival: Sendable, Hashable {
    package let conversation: Conversation
    /// Whether ``missed`` is everything that the client has not seen.
    package let recovered: Bool
    /// The client is up to date as of this message, once it has seen ``missed``.
    package let seq: Int64
    /// In ascending order.
    package let missed: [StoredMessage]

    package init(conversation: Conversation, recovered: Bool, seq: Int64, missed: [StoredMessage] = []) {
        self.conversation = conversation
        self.recovered = recovered
        self.seq = seq
        self.missed = missed
    }
}
