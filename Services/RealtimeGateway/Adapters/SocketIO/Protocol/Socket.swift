import EngineIO
package import NIOCore
import RealtimeDomain
package import RealtimeHTTP

/// One client of one namespace; touched on its event loop only.
package final class Socket: MessageSource {
    let identifier: SocketID
    let spelling: SocketSpelling
    let handler: any SocketHandler
    /// `nil` once it is disconnected.
    var session: SocketSession?
    var subscriptions: [Subscription] = []
    private var answers: PendingAnswers?
    /// `nil` where clients cannot come back.
    let journal: SocketJournal?
    /// How many things have to be over before more of the client's messages are handled.
    private var holds = 0

    init(
        session: SocketSession,
        spelling: SocketSpelling,
        handler: any SocketHandler,
        id: SocketID = .random(),
        journal: SocketJournal?
    ) {
        identifier = id
        self.session = session
        self.spelling = spelling
        self.handler = handler
        self.journal = journal
    }

    /// What the client is told that it is connected with.
    var greeting: ByteBuffer {
        let pid = journal.map { #","pid":"\#($0.pid.text)""# } ?? ""
        return writer.connected(#"{"sid":"\#(id)"\#(pid)}"#)
    }

    /// What the client, and whoever it tells, knows it by; no secret.
    package var id: String { identifier.text }
    package var namespace: String { spelling.namespace }
    /// The client's connection, until it is disconnected; another one after ``SocketHandler/transportChanged(_:)``.
    package var connection: (any ClientConnection)? { session?.engine?.connection }
    package var shard: Shard? { session?.engine?.shard }
    package var isConnected: Bool { session != nil }

    var writer: SocketPacketWriter {
        SocketPacketWriter(prefix: spelling.prefix, framing: session?.engine?.framing ?? .webSocket)
    }

    // MARK: Sending

    /// Sends an event to this client alone.
    ///
    /// Placeholders in JSON arguments refer to `attachments`, to which binary arguments are added.
    ///
    /// - Parameter isKept: Whether a client that loses its connection may come back for it.
    package func emit(
        _ name: String,
        _ arguments: [EventContent],
        attachments: [ByteBuffer] = [],
        isKept: Bool = true
    ) {
        guard let shard else { return }
        guard let journal else { return send(writer.event(name, arguments, attachments: attachments)) }
        let offset =
            isKept
            ? journal.add(name, arguments, attachments, after: shard.lastPosition)
            : journal.mark(at: shard.lastPosition)
        send(writer.event(name, arguments, attachments: attachments, at: offset, spelling.offsets))
    }

    /// Sends an event that the client has to answer within `timeout`; `completion` is called once.
    package func emit(
        _ name: String,
        _ arguments: [EventContent],
        attachments: [ByteBuffer] = [],
        timeout: Duration,
        _ completion: @escaping (Result<SocketAnswer, SocketAnswerFailure>) -> Void
    ) {
        guard let session else { return completion(.failure(.disconnected)) }
        var pending = answers ?? PendingAnswers(limit: session.server.limits.acknowledgements)
        guard let id = pending.add(until: .now() + TimeAmount(timeout), completion) else {
            return completion(.failure(.tooMany))
        }
        answers = pending
        session.engine?.deadlineChanged()
        send(writer.event(name, arguments, attachments: attachments, id: id))
    }

    func acknowledge(_ id: UInt64, _ arguments: [EventContent], _ attachments: [ByteBuffer]) {
        guard isConnected else { return }
        send(writer.answer(id, arguments, attachments: attachments))
    }

    func send(_ packet: ByteBuffer) { session?.engine?.send(packet) }

    // MARK: Reading

    /// Has no message of this client's connection handled until ``resumeReading()``, which follows once for each call.
    package func pauseReading() {
        guard let session else { return }
        holds += 1
        session.beginWaiting()
    }

    package func resumeReading() {
        guard holds > 0 else { return }
        holds -= 1
        session?.endWaiting()
    }

    package func overrun() { disconnect(closing: true) }

    // MARK: Topics

    /// The topics whose events the client gets.
    package var topics: [String] { subscriptions.compactMap(\.topic) }

    /// Has the client get every event that is published on `topic` from now on.
    ///
    /// - Parameter isHeld: Whether they wait until ``release(_:after:)``.
    package func join(_ topic: String, isHeld: Bool = false) {
        guard subscription(topic) == nil else { return }
        guard let journal, let log = session?.recovery?.log else {
            _ = subscribe(topic, isHeld: isHeld)
            return
        }
        log.watch(topic)
        guard let subscription = subscribe(topic, isHeld: isHeld) else { return log.unwatch(topic) }
        // What was published before, and is under way to this loop, was not for this client.
        let since = log.last
        subscription.skip(through: since)
        // The one copy of the name that all subscribers share.
        journal.topics.append((subscription.topic ?? topic, since))
        stateChanged()
    }

    func subscribe(_ topic: String, isHeld: Bool) -> Subscription? {
        guard let engine = session?.engine, let connection = engine.connection else { return nil }
        let encoding = spelling.encoding(engine.framing)
        let subscription = engine.shard.subscribe(connection, to: topic, encoding: encoding, isHeld: isHeld)
        subscriptions.append(subscription)
        return subscription
    }

    /// Sends what has waited on `topic`, but for events up to `seq`, which the client has.
    package func release(_ topic: String, after seq: Int64?) { subscription(topic)?.release(after: seq) }

    /// Whether the client was sent away from `topic` while it was looked into whether it may come.
    package func isRevoked(_ topic: String) -> Bool { subscription(topic)?.isRevoked ?? false }

    package func leave(_ topic: String) {
        guard let index = subscriptions.firstIndex(where: { $0.topic == topic }) else { return }
        shard?.unsubscribe(subscriptions.remove(at: index))
        guard let place = journal?.topics.firstIndex(where: { $0.name == topic }) else { return }
        journal?.topics.remove(at: place)
        session?.recovery?.log.unwatch(topic)
        stateChanged()
    }

    private func subscription(_ topic: String) -> Subscription? { subscriptions.first { $0.topic == topic } }

    /// Takes the client off a topic, if it is there, and tells its handler.
    ///
    /// One whose events are still held stays as it is: who looks into whether the client may come finds it revoked.
    func expel(from topic: String, _ expulsion: Expulsion) {
        guard let subscription = subscription(topic), !subscription.isHeld else { return }
        leave(topic)
        handler.expelled(from: topic, expulsion, self)
    }

    /// Has the topics' events go over the connection of now.
    func moveSubscriptions() {
        guard let engine = session?.engine, let connection = engine.connection else { return }
        let encoding = spelling.encoding(engine.framing)
        subscriptions = subscriptions.map { engine.shard.move($0, to: connection, encoding: encoding) }
    }

    // MARK: Answers

    func answered(_ id: UInt64, _ answer: SocketAnswer) { answers?.take(id)?(.success(answer)) }

    var deadline: NIODeadline? { answers?.deadline }

    func deadlinePassed(_ now: NIODeadline) {
        for completion in answers?.takeOverdue(now) ?? [] { completion(.failure(.timeout)) }
    }

    // MARK: Ending

    /// Disconnects the client from the namespace, which does not come back by itself, or closes its whole connection.
    package func disconnect(closing: Bool = false) {
        guard let session else { return }
        if closing { session.disconnectAll() } else { session.disconnect(self) }
    }

    /// Ends what the client has here.
    ///
    /// - Parameter mayReturn: Whether it may come back for what it misses from here on.
    func end(_ reason: String, mayReturn: Bool = false) {
        guard let ended = session else { return }
        for subscription in subscriptions { shard?.unsubscribe(subscription) }
        subscriptions = []
        if let journal, let recovery = ended.recovery, let shard {
            if mayReturn {
                recovery.keep(kept(journal), on: shard.loop)
            } else {
                recovery.unwatch(journal)
                recovery.vault?.remove(journal.pid.text)
            }
        }
        session = nil
        for completion in answers?.takeAll() ?? [] { completion(.failure(.disconnected)) }
        answers = nil
        handler.disconnected(reason, self)
        releaseHolds(of: ended)
    }

    /// What else the client's connection brings does not wait for one that has ended.
    private func releaseHolds(of session: SocketSession) {
        let ended = holds
        holds = 0
        for _ in 0..<ended { session.endWaiting() }
    }
}
