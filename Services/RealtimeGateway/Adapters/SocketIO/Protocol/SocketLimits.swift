/// The bounds of one client.
package struct SocketLimits: Sendable, Hashable {
    /// Namespaces that it may be connected to at once; one more is refused.
    package var namespaces: Int
    /// How long it may take to connect to one: 45 s, as in Socket.IO 4.
    package var connectTimeout: Duration
    /// Attachments of one packet: 10, as in socket.io-parser 4.2.6.
    package var attachments: Int
    /// Bytes of the attachments of one packet.
    package var attachmentBytes: Int
    /// How long the attachments of a packet may take to come.
    package var attachmentTimeout: Duration
    /// Answers that it may owe at once.
    package var acknowledgements: Int
    /// Messages in a row that are handled before others have their turn.
    package var messagesPerTurn: Int
    /// Messages that wait for their turn: a request with packets may bring 16,384, and then nothing is read.
    package var waitingMessages: Int
    /// Elements of one packet's payload.
    package var arguments: Int
    /// Bytes of a namespace's name.
    package var namespaceBytes: Int
    /// Clients of one node whose connections were lost and that may come back.
    package var keptSockets: Int

    package init(
        namespaces: Int = 100,
        connectTimeout: Duration = .seconds(45),
        attachments: Int = 10,
        attachmentBytes: Int = 4 << 20,
        attachmentTimeout: Duration = .seconds(20),
        acknowledgements: Int = 1000,
        messagesPerTurn: Int = 64,
        waitingMessages: Int = 20_000,
        arguments: Int = 1000,
        namespaceBytes: Int = 256,
        keptSockets: Int = 20_000
    ) {
        self.namespaces = namespaces
        self.connectTimeout = connectTimeout
        self.attachments = attachments
        self.attachmentBytes = attachmentBytes
        self.attachmentTimeout = attachmentTimeout
        self.acknowledgements = acknowledgements
        self.messagesPerTurn = messagesPerTurn
        self.waitingMessages = waitingMessages
        self.arguments = arguments
        self.namespaceBytes = namespaceBytes
        self.keptSockets = keptSockets
    }
}
