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
    /// Messages that may wait: more than can have been read before the connection was paused.
    private static var maximumWaiting: Int { 2000 }

    /// Messages whose turn has not come; `nil` while nothing is waited for.
    ///
    /// Few: nothing is read meanwhile.
    private var waiting: Deque<Message>?
    private var isCatchingUp = false
    /// Futures that have to complete before the next message is handled.
    private var waits = 0
    private var pendingCount = 0
    /// `nil` once that has closed.
    private var source: (any MessageSource)?
    private var isPaused = false

    package init() {}

    /// - Parameter source: From which messages come from now on, in place of any other.
    package func opened(_ source: any MessageSource) {
        self.source = source
        isPaused = false
        pauseIfBusy()
    }

    /// Forgets what waits; nothing is handled any more.
    package func closed() {
        source = nil
        waiting = nil
    }

    /// Has a message handled, now or when it is its turn.
    package func receive(_ message: Message, _ handle: (Message) -> Void) {
        guard let count = waiting?.count else { return handle(message) }
        guard count < Self.maximumWaiting else {
            source?.overrun()
            return
        }
        waiting?.append(message)
    }

    /// Pauses the source or resumes it, in turn.
    private func pauseIfBusy() {
        let isBusy = waiting != nil || pendingCount >= Self.maximumPending
        guard isBusy != isPaused else { return }
        isPaused = isBusy
        if isBusy { source?.pauseReading() } else { source?.resumeReading() }
    }

    // MARK: Waiting

    /// Has no further message handled until `future` has completed and `body` has acted on it.
    package func wait<Value>(
        for future: EventLoopFuture<Value>,
        handle: @escaping (Message) -> Void,
        _ body: @escaping (Result<Value, any Error>) -> Void
    ) {
        waits += 1
        if waiting == nil { waiting = [] }
        pauseIfBusy()
        future.assumeIsolated().whenComplete { [self] result in
            // What follows may take time as well.
            body(result)
            waits -= 1
            if waits == 0 { catchUp(handle) }
        }
    }

    /// Has handled what has come meanwhile, until one of the messages takes time as well.
    private func catchUp(_ handle: (Message) -> Void) {
        guard !isCatchingUp else { return }
        isCatchingUp = true
        while waits == 0, let message = waiting?.popFirst() { handle(message) }
        isCatchingUp = false
        guard waits == 0, waiting != nil else { return }
        waiting = nil
        pauseIfBusy()
    }

    // MARK: Answers that come later

    package func beginPending() {
        pendingCount += 1
        pauseIfBusy()
    }

    package func endPending() {
        pendingCount -= 1
        pauseIfBusy()
    }
}
