import DequeModule
package import NIOCore
package import RealtimeDomain

/// One client that fetches by HTTP requests what is for it, and brings what it has to say by others.
///
/// What is sent waits for the next poll, in the same bounded backlog as behind a WebSocket; what one turn of the event loop
/// brings leaves in one answer. A client that polls no more is gone after ``PollingLimits/patience``.
///
/// Everything here happens on the shard's event loop, which is what guards the state across threads.
package final class PollingConnection: ClientConnection, @unchecked Sendable {
    /// What a poll finds.
    package enum Answer: Sendable {
        case messages([ByteBuffer])
        /// Nothing has come while it waited.
        case nothing
        /// The session is over.
        case ended
    }

    /// How long a client may take from one poll to the next without being slow.
    private static let pauseBetweenPolls = TimeAmount.seconds(2)

    package let shard: Shard
    private let limits: PollingLimits
    private var session: (any ClientSession)?
    private var onEnd: (() -> Void)?
    private var backlog = OutboundBacklog(since: .now())
    /// The poll that waits; there is no more than one.
    private var poll: (promise: EventLoopPromise<Answer>, until: NIODeadline)?
    private var lastPolled = NIODeadline.now()
    private var inbox: PollingInbox
    private var isUnflushed = false
    private var expiry: NIODeadline?
    package var timerPosition: TimerWheel.Position?

    /// - Parameter onEnd: Called once, when the session is over.
    package init(
        shard: Shard,
        limits: PollingLimits,
        session: any ClientSession,
        onEnd: @escaping () -> Void = {}
    ) {
        self.shard = shard
        self.limits = limits
        self.session = session
        self.onEnd = onEnd
        inbox = PollingInbox(limit: limits.bodyBytes)
    }

    private var isOpen: Bool { session != nil }

    package func open() {
        shard.opened(self, until: nextDeadline)
        session?.opened(self)
    }

    // MARK: Sending

    package func send(_ frame: ByteBuffer) { enqueue(OutboundBacklog.Entry(frame)) }

    /// Keeps an event for the next poll; counts it when that takes it.
    package func deliver(
        _ frame: ByteBuffer,
        in run: FrameRun?,
        _ policy: DeliveryPolicy,
        _ counters: DeliveryCounters
    ) -> Bool {
        enqueue(OutboundBacklog.Entry(frame, policy, counters))
        return false
    }

    private func enqueue(_ entry: OutboundBacklog.Entry) {
        guard isOpen else {
            entry.counters?.dropped(1, .closing)
            return
        }
        if backlog.append(entry, limit: limits.outboundBytes) { return flushLater() }
        // A client that waits for it is no slow one, however much there is in one turn.
        flush()
        guard isOpen, backlog.append(entry, limit: limits.outboundBytes) else {
            entry.counters?.dropped(1, .slowConsumer)
            closeSlowConsumer()
            return
        }
    }

    private func flushLater() {
        guard poll != nil, !isUnflushed else { return }
        isUnflushed = true
        shard.flushLater(self)
    }

    private func closeSlowConsumer() {
        backlog.dropAll(.slowConsumer)
        backlog = OutboundBacklog(since: .now())
        shard.metrics.slowConsumerClosed()
        close(.tryAgainLater, "slow consumer")
    }

    /// Nothing for a client that polls again and again: it is no slow one between two polls.
    package var waitingBytes: Int { .now() - lastPolled < Self.pauseBetweenPolls ? 0 : backlog.bytes }

    // MARK: Polls

    /// Whether a poll waits.
    package var isPolled: Bool { poll != nil }

    /// Whether nothing waits for a poll.
    package var isDrained: Bool { backlog.isEmpty }

    /// Waits for something to send, up to ``PollingLimits/window``; a poll that waits already is told that nothing has come.
    package func nextMessages() -> EventLoopFuture<Answer> {
        guard isOpen else { return shard.loop.makeSucceededFuture(.ended) }
        answerPoll(.nothing)
        let promise = shard.loop.makePromise(of: Answer.self)
        poll = (promise, .now() + TimeAmount(limits.window))
        flush()
        if isOpen { shard.wheel.reschedule(self, at: nextDeadline) }
        return promise.futureResult
    }

    package func flush() {
        isUnflushed = false
        guard poll != nil, !backlog.isEmpty else { return }
        let hasDropped = backlog.hasDropped
        answerPoll(.messages(takeBacklog()))
        if hasDropped { session?.lostFleetingEvents() }
    }

    private func takeBacklog() -> [ByteBuffer] {
        var frames: [ByteBuffer] = []
        var count = 0
        while let next = backlog.first {
            count += messageCount(next.frame)
            guard frames.isEmpty || count <= limits.messagesPerPoll, let entry = backlog.popFirst() else { break }
            frames.append(entry.frame)
            entry.counters?.delivered(1, bytes: entry.frame.readableBytes)
        }
        if backlog.isEmpty { backlog = OutboundBacklog(since: .now()) }
        return frames
    }

    private func messageCount(_ frame: ByteBuffer) -> Int {
        guard let separator = limits.separator else { return 1 }
        return frame.readableBytesView.reduce(1) { $1 == separator ? $0 + 1 : $0 }
    }

    private func answerPoll(_ answer: Answer) {
        lastPolled = .now()
        let waiting = poll
        poll = nil
        waiting?.promise.succeed(answer)
    }

    // MARK: Receiving

    /// Hands `messages` to the session, each when those before it have been dealt with.
    ///
    /// - Returns: What became of them, once the last has been handed over.
    package func receive(_ messages: [ClientMessage]) -> EventLoopFuture<PollingInbox.Outcome> {
        let promise = shard.loop.makePromise(of: PollingInbox.Outcome.self)
        guard isOpen else {
            promise.succeed(.ended)
            return promise.futureResult
        }
        if inbox.append(messages, promise) { takeInbox() }
        return promise.futureResult
    }

    private func takeInbox() {
        while isOpen, let message = inbox.next() {
            let size = message.bytes.readableBytes
            shard.metrics.received(bytes: size)
            guard size <= limits.messageBytes else {
                shard.metrics.protocolViolated()
                return close(.messageTooLarge, "message is too large")
            }
            session?.received(message)
            inbox.took()
        }
    }

    package func pauseReading() { inbox.isPaused = true }

    package func resumeReading() {
        inbox.isPaused = false
        takeInbox()
    }

    // MARK: People

    package var user: Identity? { session?.user }

    package func expel(from topic: String, _ expulsion: Expulsion) { session?.expel(from: topic, expulsion) }

    // MARK: Ending

    /// Ends the session; a poll that waits takes what was sent before, or is told at once.
    package func close(_ code: CloseCode, _ reason: String) {
        guard let ended = session else { return }
        ended.closing(code)
        session = nil
        if poll != nil { answerPoll(backlog.isEmpty ? .ended : .messages(takeBacklog())) }
        backlog.dropAll(.closing)
        backlog = OutboundBacklog(since: .now())
        inbox.end()
        shard.closed(self)
        ended.closed()
        onEnd?()
        onEnd = nil
    }

    package func handOver(to session: any ClientSession) {
        guard isOpen else { return session.closed() }
        self.session = session
        deadlineChanged()
    }

    /// Ends without a word to the session, which goes on with `successor`.
    ///
    /// - Parameter convert: Makes of what waits here what is sent there, in the same order.
    /// - Returns: What the client has brought and the session has not taken.
    package func end(
        succeededBy successor: any ClientConnection,
        _ convert: (ByteBuffer) -> ByteBuffer
    ) -> [ClientMessage] {
        guard isOpen else { return [] }
        session = nil
        while let entry = backlog.popFirst() {
            let frame = convert(entry.frame)
            guard let counters = entry.counters else {
                successor.send(frame)
                continue
            }
            if successor.deliver(frame, in: nil, entry.policy, counters) {
                counters.delivered(1, bytes: frame.readableBytes)
            }
        }
        if let expiry { successor.expire(at: expiry) }
        if poll != nil { answerPoll(.ended) }
        let messages = inbox.takeAll()
        shard.closed(self)
        onEnd?()
        onEnd = nil
        return messages
    }

    package func deadlineChanged() { shard.wheel.reschedule(self, at: nextDeadline) }

    package func expire(at deadline: NIODeadline?) {
        expiry = deadline
        shard.wheel.reschedule(self, at: nextDeadline)
    }

    private var nextDeadline: NIODeadline {
        let next = poll?.until ?? lastPolled + TimeAmount(limits.patience)
        return min(next, expiry ?? next, session?.deadline ?? next)
    }

    package func deadlinePassed(_ now: NIODeadline) -> NIODeadline? {
        if let due = session?.deadline, now >= due { session?.deadlinePassed(now) }
        if let expiry, now >= expiry {
            close(.policyViolation, "token expired")
        } else if let poll {
            if now >= poll.until { answerPoll(.nothing) }
        } else if now >= lastPolled + TimeAmount(limits.patience) {
            shard.metrics.idleTimedOut()
            close(.normal)
        }
        return isOpen ? nextDeadline : nil
    }
}
