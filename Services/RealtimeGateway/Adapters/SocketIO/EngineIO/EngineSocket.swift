package import NIOCore
package import RealtimeDomain
package import RealtimeHTTP

/// One Engine.IO session: pings its client, reads its packets, and goes with it from polling to a WebSocket.
///
/// Everything here happens on the shard's event loop, which is what guards the state across threads.
package final class EngineSocket: ClientSession, @unchecked Sendable {
    enum State {
        case open
        /// The application has closed it; what was sent last waits for a poll.
        case closing
        case closed
    }

    package let shard: Shard
    let server: EngineServer
    /// `nil` for one that began as a WebSocket.
    let id: PollingSessionID?
    var app: (any EngineSession)?
    /// The client's connection until the session ends.
    package internal(set) var connection: (any ClientConnection)?
    /// The same, as long as the client polls.
    var polling: PollingConnection?
    var probe: EngineProbe?
    var state = State.open
    /// Whether the server has closed the connection because the client may not stay.
    private var isSentAway = false
    /// When the next ping is due, or the answer to the last.
    private var due: NIODeadline
    private var awaitsPong = false
    private var isReadingPaused = false
    /// Whether a request with packets is under way.
    var isPosting = false
    /// Which poll it is that waits.
    var pollCount: UInt32 = 0

    init(server: EngineServer, shard: Shard, id: PollingSessionID?, app: any EngineSession) {
        self.server = server
        self.shard = shard
        self.id = id
        self.app = app
        due = .now() + server.pingInterval
    }

    /// How packets are to be spelled for the client.
    package var framing: EngineFraming { polling == nil ? .webSocket : .polling }

    // MARK: Sending

    /// Sends what ``framing`` has built; many clients may share it.
    ///
    /// Packets arrive in the order of the calls, or not at all once the session ends.
    package func send(_ packet: ByteBuffer) { connection?.send(packet) }

    /// Sends the text that `write` appends.
    package func sendText(capacity: Int = 64, _ write: (inout ByteBuffer) -> Void) {
        send(framing.text(capacity: capacity, write))
    }

    package func sendBinary(_ bytes: ByteBuffer) { send(framing.binary(bytes)) }

    // MARK: The connection

    package var messageLimit: Int? { server.options.maxPayload }

    package func opened(_ connection: any ClientConnection) {
        guard state == .open else { return }
        self.connection = connection
        if polling == nil { send(server.openPacket(sid: server.sid(of: id), framing: .webSocket)) }
        app?.opened(self)
    }

    /// Takes no more from the client until ``resumeReading()``; what has been read already still comes.
    package func pauseReading() {
        isReadingPaused = true
        connection?.pauseReading()
    }

    package func resumeReading() {
        isReadingPaused = false
        connection?.resumeReading()
    }

    package var user: Identity? { app?.user }

    package func expel(from topic: String, _ expulsion: Expulsion) { app?.expel(from: topic, expulsion) }

    package func lostFleetingEvents() { app?.lostFleetingEvents() }

    /// Goes on with a WebSocket: what waits for a poll is sent there first.
    func switchTransport(to connection: any ClientConnection) {
        guard let polling else { return }
        answerPoll(with: EnginePacket.noop)
        self.connection = connection
        connection.handOver(to: self)
        let messages = polling.end(succeededBy: connection, EngineFraming.webSocket(from:))
        // What waited may have been more than the client takes, or the last that there was.
        guard state == .open else { return finish() }
        server.sessions.release()
        self.polling = nil
        if isReadingPaused { connection.pauseReading() }
        app?.transportChanged(self)
        for message in messages { received(message) }
    }

    // MARK: Receiving

    package func received(_ message: ClientMessage) {
        guard state == .open else { return }
        switch message {
        case .binary: app?.received(message)
        case .text(var text): received(text.readInteger(as: UInt8.self) ?? 0, text, message)
        }
    }

    private func received(_ type: UInt8, _ text: ByteBuffer, _ packet: ClientMessage) {
        switch type {
        case UInt8(ascii: "4"): app?.received(.text(text))
        case UInt8(ascii: "3"): ponged()
        // In version 4 only servers ping.
        case UInt8(ascii: "2"): end(.transportError)
        case UInt8(ascii: "1"): end(.transportClose, EnginePacket.noop)
        case UInt8(ascii: "0"), UInt8(ascii: "5"), UInt8(ascii: "6"): break
        default: receivedEncoded(packet)
        }
    }

    private func receivedEncoded(_ packet: ClientMessage) {
        guard case .text(let text) = packet, let bytes = EngineFraming.bytes(ofBase64: text) else {
            return end(.parseError)
        }
        app?.received(.binary(bytes))
    }

    private func ponged() {
        awaitsPong = false
        due = .now() + server.pingInterval
    }

    // MARK: Deadlines

    package var deadline: NIODeadline? {
        guard state == .open, let next = app?.deadline else { return due }
        return min(next, due)
    }

    /// Looks at the application's deadline anew.
    package func deadlineChanged() { connection?.deadlineChanged() }

    package func deadlinePassed(_ now: NIODeadline) {
        guard state == .open else { return finish() }
        if let next = app?.deadline, now >= next { app?.deadlinePassed(now) }
        guard state == .open, now >= due else { return }
        guard !awaitsPong else { return end(.pingTimeout) }
        awaitsPong = true
        // Counted from when the ping was due, but for a loop that was busy: that is not the client's fault.
        due = max(due + server.pingTimeout, now + .nanoseconds(server.pingTimeout.nanoseconds / 2))
        send(framing == .polling ? EnginePacket.ping : EnginePacket.pingFrame)
    }

    // MARK: Ending

    /// Ends the session; what was sent before still arrives, if the client takes it.
    package func close() {
        guard let polling else { return end(.forcedClose) }
        guard state == .open else { return }
        polling.send(EnginePacket.close)
        // What waited may have been too much for that.
        guard state == .open else { return }
        state = .closing
        polling.flush()
        tellEnded(.forcedClose)
        guard !polling.isDrained else { return finish() }
        due = .now() + server.closing
        deadlineChanged()
    }

    /// Ends the session at once.
    ///
    /// - Parameter last: What a poll that waits is answered.
    func end(_ reason: EngineCloseReason, _ last: ByteBuffer = EnginePacket.close) {
        guard state == .open else { return }
        answerPoll(with: last)
        tellEnded(reason)
        finish()
    }

    private func answerPoll(with packet: ByteBuffer) {
        guard let polling, polling.isPolled else { return }
        polling.send(packet)
        polling.flush()
    }

    private func tellEnded(_ reason: EngineCloseReason) {
        let ended = app
        app = nil
        ended?.closed(reason)
    }

    /// Lets go of everything; the connection ends if it has not.
    func finish() {
        guard state != .closed else { return }
        state = .closed
        if let id { server.sessions.remove(id) }
        if polling != nil { server.sessions.release() }
        polling = nil
        probe?.end()
        probe = nil
        let ended = connection
        connection = nil
        ended?.close(.noStatus)
    }

    package func closing(_ code: CloseCode) { isSentAway = code == .policyViolation }

    /// The connection has ended.
    package func closed() {
        guard state != .closed else { return }
        tellEnded(isSentAway ? .forcedClose : .transportClose)
        finish()
    }
}
