package import NIOCore
import RealtimeDomain

/// A client whose connection is on another event loop than the session that it belongs to.
///
/// What one turn of the session's loop sends goes over in one piece; bounds, deadlines and the backlog are those of the
/// connection itself. Everything here happens on the session's event loop, which is what guards the state across threads.
final class RelayedConnection: ClientConnection, @unchecked Sendable {
    private struct Outgoing: Sendable {
        let frame: ByteBuffer
        let policy: DeliveryPolicy
        let counters: DeliveryCounters?
    }

    let shard: Shard
    private let origin: any ClientConnection
    private let end: RelayEnd
    private var session: (any ClientSession)?
    private var outgoing: [Outgoing] = []
    var timerPosition: TimerWheel.Position?

    fileprivate init(shard: Shard, origin: any ClientConnection, end: RelayEnd) {
        self.shard = shard
        self.origin = origin
        self.end = end
    }

    /// Does something where the connection is, after everything that was sent.
    private func atOrigin(_ body: @escaping @Sendable (any ClientConnection) -> Void) {
        let batch = outgoing
        outgoing = []
        origin.shard.loop.execute { [origin] in
            for one in batch { Self.pass(one, to: origin) }
            body(origin)
        }
    }

    private static func pass(_ one: Outgoing, to origin: any ClientConnection) {
        guard let counters = one.counters else { return origin.send(one.frame) }
        guard origin.deliver(one.frame, in: nil, one.policy, counters) else { return }
        counters.delivered(1, bytes: one.frame.readableBytes)
    }

    // MARK: Sending

    func send(_ frame: ByteBuffer) { enqueue(Outgoing(frame: frame, policy: .mustArrive, counters: nil)) }

    func deliver(_ frame: ByteBuffer, in run: FrameRun?, _ policy: DeliveryPolicy, _ counters: DeliveryCounters) -> Bool
    {
        guard session != nil else {
            counters.dropped(1, .closing)
            return false
        }
        enqueue(Outgoing(frame: frame, policy: policy, counters: counters))
        return false
    }

    private func enqueue(_ one: Outgoing) {
        guard session != nil else { return }
        if outgoing.isEmpty { shard.flushLater(self) }
        outgoing.append(one)
    }

    func flush() {
        guard !outgoing.isEmpty else { return }
        atOrigin { _ in }
    }

    /// What is on its way counts where the connection is.
    var waitingBytes: Int { 0 }

    // MARK: The session

    fileprivate func open(_ session: any ClientSession) {
        self.session = session
        deadlineChanged()
        session.opened(self)
    }

    fileprivate func received(_ message: ClientMessage) { session?.received(message) }

    fileprivate func lostFleetingEvents() { session?.lostFleetingEvents() }

    fileprivate func closing(_ code: CloseCode) { session?.closing(code) }

    /// The connection has closed.
    fileprivate func ended() {
        let ended = session
        session = nil
        for one in outgoing { one.counters?.dropped(1, .closing) }
        outgoing = []
        ended?.closed()
    }

    func handOver(to session: any ClientSession) {
        guard self.session != nil else { return session.closed() }
        self.session = session
        deadlineChanged()
    }

    var user: Identity? { session?.user }

    func expel(from topic: String, _ expulsion: Expulsion) { session?.expel(from: topic, expulsion) }

    // MARK: The connection

    func close(_ code: CloseCode, _ reason: String) {
        guard let ended = session else { return }
        ended.closing(code)
        session = nil
        atOrigin { $0.close(code, reason) }
        ended.closed()
    }

    func expire(at deadline: NIODeadline?) { atOrigin { $0.expire(at: deadline) } }

    func pauseReading() { atOrigin { $0.pauseReading() } }

    func resumeReading() { atOrigin { $0.resumeReading() } }

    func deadlineChanged() {
        let deadline = session?.deadline
        atOrigin { [end] origin in
            end.deadline = deadline
            origin.deadlineChanged()
        }
    }

    func deadlinePassed(_ now: NIODeadline) -> NIODeadline? {
        if let due = session?.deadline, now >= due { session?.deadlinePassed(now) }
        deadlineChanged()
        return nil
    }
}

/// Has a session made where it belongs, on whichever event loop its connection has come.
///
/// On the same loop nothing of this is left behind; on another the two talk by turns of their loops. Everything here
/// happens on the connection's event loop, which is what guards the state across threads.
package final class RelayEnd: ClientSession, @unchecked Sendable {
    /// Until the session's loop has said what is due next.
    private static let answerTime = TimeAmount.seconds(5)

    package let messageLimit: Int?
    private let shard: Shard
    private let makeSession: @Sendable () -> any ClientSession
    private var relayed: RelayedConnection?
    package fileprivate(set) var deadline: NIODeadline?

    /// - Parameters:
    ///   - shard: Where the session belongs.
    ///   - makeSession: Makes it there.
    package init(shard: Shard, messageLimit: Int?, makeSession: @escaping @Sendable () -> any ClientSession) {
        self.shard = shard
        self.messageLimit = messageLimit
        self.makeSession = makeSession
    }

    package func opened(_ connection: any ClientConnection) {
        guard connection.shard !== shard else {
            let session = makeSession()
            connection.handOver(to: session)
            return session.opened(connection)
        }
        let relayed = RelayedConnection(shard: shard, origin: connection, end: self)
        self.relayed = relayed
        shard.loop.execute { [makeSession] in relayed.open(makeSession()) }
    }

    package func received(_ message: ClientMessage) { atSession { $0.received(message) } }

    package func lostFleetingEvents() { atSession { $0.lostFleetingEvents() } }

    package func deadlinePassed(_ now: NIODeadline) {
        deadline = now + Self.answerTime
        atSession { _ = $0.deadlinePassed(now) }
    }

    package func closing(_ code: CloseCode) { atSession { $0.closing(code) } }

    package func closed() {
        atSession { $0.ended() }
        relayed = nil
    }

    private func atSession(_ body: @escaping @Sendable (RelayedConnection) -> Void) {
        guard let relayed else { return }
        shard.loop.execute { body(relayed) }
    }
}
