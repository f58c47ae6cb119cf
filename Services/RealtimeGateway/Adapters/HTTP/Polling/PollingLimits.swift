/// The bounds of clients that poll.
package struct PollingLimits: Sendable, Hashable {
    /// How long a poll waits for something to come: 10 s, as in Phoenix.
    package var window: Duration
    /// How long a client may be without a poll before its session ends: 15 s, as in Phoenix.
    package var patience: Duration
    /// Bytes of the largest message accepted; a larger one ends the session.
    package var messageBytes: Int
    /// Bytes of the largest request with messages, and of those that may wait to be taken.
    package var bodyBytes: Int
    /// Bytes that may wait for the next poll; one more ends the session.
    package var outboundBytes: Int
    /// Sessions of one node; 0 for none at all.
    package var sessions: Int
    /// Messages that one poll is answered with; the others wait for the next.
    package var messagesPerPoll: Int
    /// What divides messages that are sent as one; `nil` if none are.
    package var separator: UInt8?

    package init(
        window: Duration = .seconds(10),
        patience: Duration = .seconds(15),
        messageBytes: Int = 65536,
        bodyBytes: Int = 1 << 20,
        outboundBytes: Int = 1 << 20,
        sessions: Int = 10_000,
        messagesPerPoll: Int = .max,
        separator: UInt8? = nil
    ) {
        self.window = window
        self.patience = patience
        self.messageBytes = messageBytes
        self.bodyBytes = bodyBytes
        self.outboundBytes = outboundBytes
        self.sessions = sessions
        self.messagesPerPoll = messagesPerPoll
        self.separator = separator
    }
}
