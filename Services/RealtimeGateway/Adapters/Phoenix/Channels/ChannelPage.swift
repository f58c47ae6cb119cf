import EventSchema
import RealtimeDomain
import RealtimeHTTP

/// What somebody who comes to a channel is shown.
struct ChannelPage: Sendable {
    /// The payload of `messages_loaded`; `nil` for who has seen all but what is sent anyway.
    let messages: EventContent?
    let lastRead: ReadReceipt?

    init(
        of key: ConversationKey,
        for userID: String,
        _ arrival: Arrival,
        in conversations: Conversations
    ) async throws(Refusal) {
        messages = arrival.recovered ? nil : Self.payload(try await conversations.page(of: key, through: arrival.seq))
        lastRead = try await conversations.readReceipt(of: userID, in: key)
    }

    static func payload(_ messages: [StoredMessage]) -> EventContent {
        .object(["messages": .array(messages.map(ChannelSpelling.message))])
    }
}
