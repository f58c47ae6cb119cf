package import NIOCore
package import RealtimeDomain

/// One WebSocket client, from which a frame goes straight to the socket.
///
/// Frames are written without promises and flushed once per turn of the event loop, several in one system call under load.
/// A client that does not keep up has a bounded backlog of its own and is closed with 1013 past it; nobody waits for it.
///
/// Everything here happens on the connection's event loop, which is what guards the state across threads.
package final class WebSocketConnection: ClientConnection, @unchecked Sendable {
    private enum State {
        case open
        /// Our close frame is on its way; of what still comes only the peer's own matters.
        case closing
        case closed
    }

    package let shard: Shard
    private let limits: ConnectionLimits
    private var session: (any ClientSession)?
    /// `nil` before the connection is open and once it has ended.
    private var transport: (any WebSocketTransport)?
    private var state = State.open
    private var parser: FrameParser
    private var assembler: MessageAssembler
    private var backlog: OutboundBacklog?
    private var isUnflushed = false
    /// What goes to the kernel in one piece at the end of the turn, before anything that waits in the transport.
    private var joined = RunShare()
    /// Whether the peer broke the framing, so that nothing that follows has a meaning.
    private var isUnreadable = false
    private var lastHeard: NIODeadline
    /// When a rule outside of this connection ends it, such as its token's expiry.
    private var expiry: NIODeadline?
    private var closingDeadline: NIODeadline?
    /// Where the timer wheel keeps the connection.
    package var timerPosition: TimerWheel.Position?

    package init(shard: Shard, limits: ConnectionLimits, session: any ClientSession) {
        self.shard = shard
        self.limits = limits
        self.session = session
        let messageBytes = session.messageLimit ?? limits.messageBytes
        parser = FrameParser(maximumLength: messageBytes)
        assembler = MessageAssembler(maximumLength: messageBytes)
        lastHeard = .now()
    }

    // MARK: Sending

    /// Sends a frame that ``FrameWriter`` built; many connections may share it.
    ///
    /// Frames arrive in the order of the calls, or not at all once the connection closes.
    package func send(_ frame: ByteBuffer) {
        guard state == .open else { return }
        guard backlog == nil else {
            enqueue(OutboundBacklog.Entry(frame))
            return
        }
        write(frame)
    }

    /// Sends an event's frame; returns whether it went to the socket at once.
    ///
    /// One that did not is counted here: as delivered when it leaves the backlog, or as dropped.
    package func deliver(
        _ frame: ByteBuffer,
        in run: FrameRun?,
        _ policy: DeliveryPolicy,
        _ counters: DeliveryCounters
    ) -> Bool {
        guard state == .open else {
            counters.dropped(1, .closing)
            return false
        }
        guard backlog == nil else {
            enqueue(OutboundBacklog.Entry(frame, policy, counters))
            return false
        }
        if run.map(join) != true { write(frame) }
        return true
    }

    /// Has the newest frame of a run go out with it; returns whether it does.
    private func join(_ newest: FrameRun) -> Bool {
        if isUnflushed { return joined.extend(newest) }
        guard transport?.isEmpty == true else { return false }
        joined.begin(newest)
        flushLater()
        return true
    }

    private func write(_ frame: ByteBuffer) {
        if shard.mayFlushAtOnce, !isUnflushed { return transport?.send(frame) ?? () }
        if let before = joined.take() { transport?.write(before) }
        transport?.write(frame)
        if !isUnflushed { flushLater() }
    }

    private func flushLater() {
        isUnflushed = true
        shard.flushLater(self)
    }

    /// Hands everything written to the kernel; the shard calls it once per turn.
    package func flush() {
        isUnflushed = false
        if let bytes = joined.take() { transport?.send(bytes) } else { transport?.flush() }
    }

    /// Adds to the backlog; a client for which there is no room any more is closed instead, and the frame is not taken.
    private func enqueue(_ entry: OutboundBacklog.Entry) {
        guard backlog?.append(entry, limit: limits.outboundBytes) == false else { return }
        entry.counters?.dropped(1, .slowConsumer)
        closeSlowConsumer()
    }

    private func write(_ entry: OutboundBacklog.Entry) {
        write(entry.frame)
        entry.counters?.delivered(1, bytes: entry.frame.readableBytes)
    }

    private func closeSlowConsumer() {
        dropBacklog(.slowConsumer)
        shard.metrics.slowConsumerClosed()
        close(.tryAgainLater, "slow consumer")
    }

    private func dropBacklog(_ reason: DeliveryCounters.DropReason) {
        backlog?.dropAll(reason)
        backlog = nil
    }

    /// Bytes that wait until the client reads on.
    package var waitingBytes: Int { backlog?.bytes ?? 0 }

    // MARK: Closing

    /// Closes the connection with `code`; what was sent before still goes out first.
    ///
    /// The session is told at once. A peer that does not answer the close frame is cut off after ``ConnectionLimits/closing``.
    package func close(_ code: CloseCode, _ reason: String) {
        session?.closing(code)
        close(answering: FrameWriter.close(code, reason))
    }

    private func close(answering frame: ByteBuffer) {
        guard state == .open else { return }
        while let waiting = backlog?.popFirst() { write(waiting) }
        backlog = nil
        write(frame)
        state = .closing
        // The peer's own close is heard however busy the session was.
        transport?.setReading(true)
        closingDeadline = .now() + TimeAmount(limits.closing)
        shard.wheel.reschedule(self, at: nextDeadline)
        endSession()
    }

    private func endSession() {
        let ended = session
        session = nil
        ended?.closed()
    }

    /// Ends the connection at `deadline`, or at none, with the close that says why the session may not go on.
    package func expire(at deadline: NIODeadline?) {
        expiry = deadline
        shard.wheel.reschedule(self, at: nextDeadline)
    }

    package func deadlineChanged() { shard.wheel.reschedule(self, at: nextDeadline) }

    package func handOver(to session: any ClientSession) {
        guard self.session != nil else { return session.closed() }
        self.session = session
        deadlineChanged()
    }

    // MARK: Reading

    /// Takes no more from the client until ``resumeReading()``; what has been read already still comes.
    package func pauseReading() { transport?.setReading(false) }

    package func resumeReading() { transport?.setReading(true) }

    // MARK: People

    package var user: Identity? { session?.user }

    package func expel(from topic: String, _ expulsion: Expulsion) { session?.expel(from: topic, expulsion) }

    // MARK: Deadlines

    /// The next moment at which something is due, if nothing happens until then.
    private var nextDeadline: NIODeadline {
        if let closingDeadline { return closingDeadline }
        var next = session?.deadline ?? lastHeard + TimeAmount(limits.idle)
        if let expiry { next = min(next, expiry) }
        if let backlog { next = min(next, backlog.progressedAt + TimeAmount(limits.stall)) }
        return next
    }

    /// Does what is due; returns when to ask again, or `nil` if the connection is gone.
    package func deadlinePassed(_ now: NIODeadline) -> NIODeadline? {
        switch state {
        case .closed: return nil
        case .closing:
            guard let closingDeadline, now >= closingDeadline else { break }
            transport?.close()
            return nil
        case .open: closeIfDue(now)
        }
        return nextDeadline
    }

    private func closeIfDue(_ now: NIODeadline) {
        if let expiry, now >= expiry {
            close(.policyViolation, "token expired")
        } else if let backlog, now >= backlog.progressedAt + TimeAmount(limits.stall) {
            closeSlowConsumer()
        } else if let due = session?.deadline {
            if now >= due { session?.deadlinePassed(now) }
        } else if now >= lastHeard + TimeAmount(limits.idle) {
            shard.metrics.idleTimedOut()
            close(.protocolError, "idle timeout")
        }
    }
}

// MARK: - What the transport tells

extension WebSocketConnection {
    /// It is open, and frames may be sent.
    func opened(on transport: any WebSocketTransport) {
        self.transport = transport
        shard.opened(self, until: nextDeadline)
        session?.opened(self)
    }

    /// It has ended; it may tell so more than once.
    func ended() {
        guard state != .closed else { return }
        state = .closed
        dropBacklog(.closing)
        transport = nil
        // Where nobody is connected any more, every session knows.
        endSession()
        shard.closed(self)
    }

    func received(_ bytes: ByteBuffer) {
        lastHeard = shard.wheel.now
        guard !isUnreadable else { return }
        parser.append(bytes)
        do throws(WebSocketViolation) {
            while state != .closed, let frame = try parser.next() { try accept(frame) }
        } catch {
            isUnreadable = true
            shard.metrics.protocolViolated()
            close(error.code, error.reason)
        }
    }

    private func accept(_ frame: Frame) throws(WebSocketViolation) {
        guard state == .open else {
            // RFC 6455 section 7.1.1: with both close frames sent, the server ends the connection.
            guard frame.opcode == .close else { return }
            // Ours may still wait for the end of the turn.
            flush()
            transport?.close()
            return
        }
        shard.metrics.received(bytes: frame.payload.readableBytes)
        switch frame.opcode {
        case .text, .binary, .continuation:
            if let message = try assembler.accept(frame) { session?.received(message) }
        case .ping: send(FrameWriter.pong(frame.payload))
        case .pong: break
        case .close: try answerClose(frame.payload)
        }
    }

    /// Echoes the peer's code (RFC 6455 section 5.5.1), and says no more.
    private func answerClose(_ payload: ByteBuffer) throws(WebSocketViolation) {
        guard payload.readableBytes > 0 else {
            close(answering: FrameWriter.closeWithoutCode())
            finishAfterFlush()
            return
        }
        var rest = payload
        guard let code = rest.readInteger(as: UInt16.self).map(CloseCode.init(rawValue:)), code.mayTravel,
            (try? UTF8Span(validating: rest.readableBytesUInt8Span)) != nil
        else { throw WebSocketViolation(.protocolError, "bad close frame") }
        close(answering: FrameWriter.close(code, ""))
        finishAfterFlush()
    }

    /// Both close frames have travelled: the server closes the connection first (RFC 6455 section 7.1.1).
    private func finishAfterFlush() {
        flush()
        transport?.closeOutput()
    }

    /// The transport has so little that it takes more again, or no longer.
    func writabilityChanged() {
        guard state == .open, let transport else { return }
        if transport.isWritable {
            drainBacklog(transport)
        } else if backlog == nil {
            // What filled the buffer may not have been offered to the kernel yet.
            transport.flush()
            guard !transport.isWritable else { return }
            backlog = OutboundBacklog(since: .now())
            shard.wheel.reschedule(self, at: nextDeadline)
        }
    }

    private func drainBacklog(_ transport: any WebSocketTransport) {
        backlog?.progressedAt = .now()
        while transport.isWritable, let entry = backlog?.popFirst() { write(entry) }
        guard transport.isWritable else { return }
        let hasDropped = backlog?.hasDropped == true
        backlog = nil
        if hasDropped { session?.lostFleetingEvents() }
    }
}
