import Dispatch
import Foundation
import Logging
import Messaging
import Metrics
import ServiceLifecycle
import Synchronization

/// Tells how many messages wait in a service's work queues, in their parkings, and among what no queue wanted.
///
/// It looks every 15 seconds over a connection of its own and declares nothing. What is missing is logged once and looked for
/// again; a queue that should be empty and fills is a warning. Without a connection nothing is shown, since old numbers
/// mislead, and the service goes on.
package final class QueueMonitor: Service {
    /// How long a goodbye may take.
    private static let patience = DispatchTimeInterval.seconds(1)

    private let configuration: RabbitMQConfiguration
    private let workQueues: [String]
    private let metrics: BrokerMetrics
    private let inFlight: @Sendable (String) -> Int
    private let interval: Duration
    private let logger: Logger
    private let isEnding = Atomic(false)
    private let wakeup = Wakeup()
    private let watch = SocketWatch()
    private let ending = Ending()

    /// - Parameter inFlight: How many deliveries of a work queue this process holds.
    init(
        _ configuration: RabbitMQConfiguration,
        workQueues: [String],
        metrics: BrokerMetrics,
        inFlight: @escaping @Sendable (String) -> Int,
        interval: Duration,
        logger: Logger
    ) {
        self.configuration = configuration
        self.workQueues = workQueues
        self.metrics = metrics
        self.inFlight = inFlight
        self.interval = interval
        self.logger = logger
    }

    /// Looks until graceful shutdown or cancellation; once in the life of a monitor.
    package func run() async throws {
        Thread.start(named: "amqp-monitor") { self.work() }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await ending.wait()
            } onGracefulShutdown: {
                self.end()
            }
        } onCancel: {
            self.end()
        }
    }

    private func end() {
        isEnding.store(true, ordering: .releasing)
        wakeup.signal()
        // A broker that does not answer is not waited for; by then a sound connection is closed.
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { [watch] in watch.interrupt() }
    }

    private var mustEnd: Bool { isEnding.load(ordering: .acquiring) }

    // MARK: The thread

    private func work() {
        var backoff = Backoff(configuration.backoff)
        var nodes = NodeRotation(configuration.address.nodes)
        var round = Round(gauges: QueueGauges(metrics))
        while !mustEnd {
            do throws(ConnectionFailure) {
                let name = "\(configuration.connectionName) monitor"
                let connection = try AMQPConnection(configuration, node: nodes.next(), name: name, watch: watch)
                backoff.reset()
                try observe(connection, &round)
                connection.close()
            } catch {
                round.gauges.hideAll()
                if !mustEnd { pause(backoff.next(), after: error) }
            }
        }
        round.gauges.hideAll()
        ending.end(nil)
    }

    private func pause(_ duration: Duration, after failure: ConnectionFailure) {
        logger.warning("queues cannot be watched", metadata: ["error": "\(failure.error.message)"])
        let end = ContinuousClock.now + duration
        while !mustEnd, ContinuousClock.now < end { wakeup.wait(atMost: end - .now) }
    }

    private func observe(_ connection: AMQPConnection, _ round: inout Round) throws(ConnectionFailure) {
        var next = ContinuousClock.now
        while !mustEnd {
            // Nothing is said to us, but heartbeats are answered here.
            while try connection.nextSignal() != nil {}
            if ContinuousClock.now >= next {
                next = .now + interval
                try look(over: connection, &round)
            }
            connection.releaseBuffers()
            wakeup.wait(alongside: connection.socket, atMost: max(.zero, min(connection.longestSilence, next - .now)))
        }
    }

    // MARK: One round

    /// What is kept from one round to the next.
    private struct Round {
        var gauges: QueueGauges
        var growth = QueueGrowth()
        var missing: Set<String> = []
    }

    private func look(over connection: AMQPConnection, _ round: inout Round) throws(ConnectionFailure) {
        for queue in workQueues { note(try connection.look(at: queue), queue, isWork: true, &round) }
        for queue in workQueues.map(Topology.parking) + [Topology.Queue.unrouted] {
            note(try connection.look(at: queue), queue, isWork: false, &round)
        }
    }

    private func note(_ sighting: QueueSighting, _ queue: String, isWork: Bool, _ round: inout Round) {
        switch sighting {
        case .seen(let messages, let consumers):
            round.missing.remove(queue)
            let inFlight = isWork ? inFlight(queue) : nil
            round.gauges.show(queue, messages: messages, consumers: consumers, inFlight: inFlight)
            if !isWork, let more = round.growth.note(messages, in: queue) { warn(queue, messages, more) }
        case .unseen(let reason):
            round.gauges.hide(queue)
            guard round.missing.insert(queue).inserted else { return }
            logger.warning(
                "queue cannot be watched",
                metadata: ["messaging.queue": "\(queue)", "reason": "\(reason)"]
            )
        }
    }

    private func warn(_ queue: String, _ messages: Int, _ more: Int) {
        let isUnrouted = queue == Topology.Queue.unrouted
        logger.warning(
            isUnrouted ? "messages that no queue wanted" : "messages wait for an operator",
            metadata: [
                "messaging.queue": "\(queue)", "messaging.messages": "\(messages)", "messaging.more": "\(more)",
            ]
        )
    }
}

extension RabbitMQBroker {
    /// A monitor of the queues that a service works on.
    ///
    /// - Parameters:
    ///   - queues: Work queues; their parkings and `events.unrouted` are watched with them.
    ///   - pending: Work of a queue that this process or the service's store holds without a delivery.
    package func monitor(
        of queues: [String],
        every interval: Duration = .seconds(15),
        pending: @escaping @Sendable (_ queue: String) -> Int = { _ in 0 }
    ) -> QueueMonitor {
        QueueMonitor(
            configuration,
            workQueues: queues,
            metrics: metrics,
            inFlight: { queue in self.unsettledCount(of: queue) + pending(queue) },
            interval: interval,
            logger: logger
        )
    }
}
