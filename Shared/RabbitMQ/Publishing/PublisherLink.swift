import Foundation
import Logging
import Messaging
import Metrics
import Synchronization

/// The connection that publishes, kept alive by a thread of its own.
final class PublisherLink: Sendable {
    private typealias Queue = PublishQueue<Completion>

    private struct State {
        var queue: Queue
        var status = BrokerStatus.Connection.connecting(lastError: nil)
        /// The thread sleeps and must be woken to see a new message.
        var isAsleep = false
        var isAborted = false
        var lastTick = ContinuousClock.now
    }

    private let configuration: RabbitMQConfiguration
    private let topology: Topology.Declaration
    private let metrics: BrokerMetrics
    private let logger: Logger
    private let state: Mutex<State>
    private let wakeup = Wakeup()
    private let watch = SocketWatch()
    private let ending = Ending()

    init(
        _ configuration: RabbitMQConfiguration,
        topology: Topology.Declaration,
        metrics: BrokerMetrics,
        logger: Logger
    ) {
        self.configuration = configuration
        self.topology = topology
        self.metrics = metrics
        self.logger = logger
        state = Mutex(
            State(
                queue: Queue(
                    window: configuration.confirmWindow,
                    maximumWaiting: configuration.maximumWaiting,
                    maximumWaitingBytes: configuration.maximumWaitingBytes
                )
            )
        )
    }

    var status: BrokerStatus.Connection { state.withLock(\.status) }

    // MARK: Callers

    private func submit(
        _ message: Message,
        _ destination: Destination,
        _ completion: Completion?
    ) -> MessagingError? {
        let now = ContinuousClock.now
        let request = Queue.Request(
            message: message,
            destination: destination,
            submitted: now,
            deadline: now + configuration.confirmTimeout,
            completion: completion
        )
        let (refusal, wakes) = state.withLock { state -> (MessagingError?, Bool) in
            if let refusal = state.queue.submit(request) { return (refusal, false) }
            defer { state.isAsleep = false }
            return (nil, state.isAsleep)
        }
        if wakes { wakeup.signal() }
        return refusal
    }

    private func tell(_ settled: [Queue.Settled]) {
        let now = ContinuousClock.now
        for one in settled {
            metrics.count(one.result, after: now - one.submitted)
            one.completion(one.result)
        }
    }

    // MARK: Lifecycle

    func start() {
        Thread.start(named: "amqp-publish") { self.work() }
    }

    /// Ends the connection once everything is published or has run out of time.
    func close() {
        state.withLock { state in
            state.queue.close(MessagingError(.closed, "publisher is closed"))
            state.isAsleep = false
        }
        wakeup.signal()
    }

    /// Ends the connection now; who waits is told so.
    func abort() {
        let settled = state.withLock { state in
            state.isAborted = true
            return state.queue.failAll(MessagingError(.closed, "publisher is closed"))
        }
        tell(settled)
        watch.interrupt()
        wakeup.signal()
    }

    /// Waits for the thread's end.
    func ended() async throws(MessagingError) { try await ending.wait() }

    /// Called now and then from outside the thread, which may hang.
    func tick() {
        let now = ContinuousClock.now
        watch.interruptIfStuck(longerThan: configuration.sendTimeout, now: now)
        let (settled, inFlight, blocked) = state.withLock { state in
            defer { state.lastTick = now }
            let blocked = state.queue.blockedReason == nil ? .zero : now - state.lastTick
            return (state.queue.expire(now: now, outage: state.status.problem), state.queue.inFlight, blocked)
        }
        metrics.inFlight.record(inFlight)
        if blocked > .zero { metrics.blocked.increment(by: blocked.seconds) }
        tell(settled)
    }

    // MARK: The thread

    private func work() {
        var backoff = Backoff(configuration.backoff)
        var nodes = NodeRotation(configuration.address.nodes)
        while !isDone {
            do throws(ConnectionFailure) {
                let connection = try open(nodes.next())
                backoff.reset()
                try serve(connection)
                // A blocked broker reads nothing: it would not answer.
                if status == .connected { connection.close() }
            } catch {
                if lost(error), error.isPermanent { return end(error.error) }
                pause(backoff.next())
            }
        }
        end(nil)
    }

    private var isDone: Bool {
        state.withLock { $0.isAborted || ($0.queue.closing != nil && $0.queue.isEmpty) }
    }

    private func open(_ node: AMQPURL.Node) throws(ConnectionFailure) -> AMQPConnection {
        let connection = try AMQPConnection(
            configuration,
            node: node,
            name: "\(configuration.connectionName) publisher",
            watch: watch
        )
        try connection.declare(topology)
        try connection.enableConfirms()
        state.withLock { state in
            state.status = .connected
            state.queue.connected()
        }
        logger.notice("publisher connected", metadata: ["broker": "\(connection.address)"])
        return connection
    }

    /// Works until there is nothing left to do for ever.
    private func serve(_ connection: AMQPConnection) throws(ConnectionFailure) {
        while !isDone {
            try send(over: connection)
            try receive(from: connection)
            connection.releaseBuffers()
            let sleeps = state.withLock { state in
                state.isAsleep = !state.queue.canSend && !(state.queue.closing != nil && state.queue.isEmpty)
                return state.isAsleep
            }
            if sleeps { wakeup.wait(alongside: connection.socket, atMost: connection.longestSilence) }
        }
    }

    private func send(over connection: AMQPConnection) throws(ConnectionFailure) {
        let lot = state.withLock { $0.queue.nextLot() }
        metrics.published.increment(by: lot.count)
        // A single message goes at once.
        guard lot.count > 1 else { return try send(lot, over: connection) }
        try connection.together { () throws(ConnectionFailure) in try send(lot, over: connection) }
    }

    private func send(_ lot: [Queue.Request], over connection: AMQPConnection) throws(ConnectionFailure) {
        for request in lot {
            try connection.publish(
                request.message,
                to: request.destination,
                persistent: request.isConfirmed,
                mandatory: request.isConfirmed
            )
        }
    }

    private func receive(from connection: AMQPConnection) throws(ConnectionFailure) {
        while let signal = try connection.nextSignal() {
            switch signal {
            case .confirmed(let tag, let multiple): confirm(tag, multiple, accepted: true)
            case .refused(let tag, let multiple): confirm(tag, multiple, accepted: false)
            case .returned(let returned): state.withLock { $0.queue.returned(returned) }
            case .blocked(let reason): block(reason)
            case .unblocked: block(nil)
            case .delivered, .consumerCancelled: break
            }
        }
        if state.withLock(\.queue.isOverdue) { throw ConnectionFailure(.timeout, "the broker stopped confirming") }
    }

    private func confirm(_ tag: UInt64, _ multiple: Bool, accepted: Bool) {
        tell(state.withLock { $0.queue.confirm(tag: tag, multiple: multiple, accepted: accepted) })
    }

    private func block(_ reason: String?) {
        state.withLock { state in
            state.queue.block(reason)
            state.status = reason.map { .blocked(reason: $0) } ?? .connected
        }
        logger.log(
            level: reason == nil ? .notice : .warning,
            "publisher \(reason == nil ? "unblocked" : "blocked by the broker")",
            metadata: ["reason": "\(reason ?? "-")"]
        )
    }

    /// Notes the loss; false if it was expected.
    private func lost(_ failure: ConnectionFailure) -> Bool {
        let (settled, wasConnected, isAborted) = state.withLock { state in
            let wasConnected = state.queue.isConnected
            state.status = .connecting(lastError: failure.error.message)
            let settled = state.queue.disconnected(error: failure.error) { destination in
                // 403 and 404 name the exchange that some message was for.
                wasConnected && failure.error.message.contains("exchange '\(destination.exchange)'")
            }
            return (settled, wasConnected, state.isAborted)
        }
        tell(settled)
        guard !isAborted else { return false }
        metrics.reconnects.increment()
        logger.warning(
            wasConnected ? "publisher lost its connection" : "publisher cannot connect",
            metadata: ["error": "\(failure.error.message)"]
        )
        // What a message provoked says nothing about the next connection.
        return !wasConnected
    }

    private func pause(_ duration: Duration) {
        let end = ContinuousClock.now + duration
        while !isDone, ContinuousClock.now < end { wakeup.wait(atMost: end - .now) }
    }

    private func end(_ error: MessagingError?) {
        let settled = state.withLock { state in
            state.status = .closed
            return state.queue.failAll(error ?? MessagingError(.closed, "publisher is closed"))
        }
        tell(settled)
        ending.end(error)
    }
}

/// Callers' messages, and retried and parked copies, whose bodies the broker has already taken at any size.
extension PublisherLink: MessagePublisher {
    func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: @escaping Completion
    ) {
        if let problem = message.problem(sendingTo: destination) {
            return completion(.failure(.unsendable(message, because: problem)))
        }
        switch guarantee {
        case .confirmed:
            if let refusal = submit(message, destination, completion) { completion(.failure(refusal)) }
        case .bestEffort:
            if submit(message, destination, nil) != nil { metrics.dropped.increment() }
            completion(.success(()))
        }
    }
}
