import DequeModule
package import NIOCore

/// The messages of one client, which are handled one after another: while one takes time, the others wait and the
/// connection is not read.
///
/// What can be answered later without keeping others waiting is counted, so that nobody has too much of it.
/// Everything here happens on the connection's event loop.
package final class ClientInbox<Message> {
    /// Answers that one client may wait for at once; more of its messages are not read.
    private static var maximumPending: Int { 64 }

    /// Messages whose turn has not come; `nil` while nothing is waited for.
    ///
    /// Few: the connection is not read meanwhile.
    private var waiting: Deque<Message>?
    /// Futures that have to complete before the next message is handled.
    private var waits = 0
    private var pendingCount = 0
    /// The connection until it closes.
    private var connection: (any ClientConnection)?

    package init() {}

    /// - Parameter connection: The one from which messages come from now on.
    package func opened(_ connection: any ClientConnection) {
        self.connection = connection
        if waiting != nil || pendingCount >= Self.maximumPending { connection.pauseReading() }
    }

    /// Forgets what waits; nothing is handled any more.
    package func closed() {
        connection = nil
        waiting = nil
    }

    /// Has a message handled, now or when it is its turn.
    package func receive(_ message: Message, _ handle: (Message) -> Void) {
        if waiting == nil { handle(message) } else { waiting?.append(message) }
    }

    // MARK: Waiting

    /// Has no further message handled until `future` has completed and `body` has acted on it.
    package func wait<Value>(
        for future: EventLoopFuture<Value>,
        handle: @escaping (Message) -> Void,
        _ body: @escaping (Result<Value, any Error>) -> Void
    ) {
        if waiting == nil {
            waiting = []
            connection?.pauseReading()
        }
        waits += 1
        future.assumeIsolated().whenComplete { [self] result in
            // What follows may take time as well.
            body(result)
            waits -= 1
            if waits == 0 { catchUp(handle) }
        }
    }

    /// Has handled what has come meanwhile, until one of the messages takes time as well.
    private func catchUp(_ handle: (Message) -> Void) {
        guard var messages = waiting else { return }
        waiting = nil
        while connection != nil, waiting == nil, let message = messages.popFirst() { handle(message) }
        guard waiting == nil else {
            waiting?.append(contentsOf: messages)
            return
        }
        if pendingCount < Self.maximumPending { connection?.resumeReading() }
    }

    // MARK: Answers that come later

    package func beginPending() {
        pendingCount += 1
        if pendingCount == Self.maximumPending { connection?.pauseReading() }
    }

    package func endPending() {
        pendingCount -= 1
        if pendingCount == Self.maximumPending - 1, waiting == nil { connection?.resumeReading() }
    }
}
