import Messaging
import Metrics

/// What one connection of a consumer has handed out and not seen settled.
struct ConsumerSession {
    let epoch: Int
    private let connection: AMQPConnection
    private let deliveries: Counter
    private let redeliveries: Counter
    private let inFlight: Gauge
    private var unsettled: Set<UInt64> = []
    private var isCancelled = false

    init(_ connection: AMQPConnection, queue: String, epoch: Int) {
        self.connection = connection
        self.epoch = epoch
        deliveries = BrokerMetrics.deliveries(of: queue)
        redeliveries = BrokerMetrics.redeliveries(of: queue)
        inFlight = BrokerMetrics.unsettled(of: queue)
    }

    /// Reads what the broker says, noting deliveries.
    mutating func nextSignal() throws(ConnectionFailure) -> BrokerSignal? {
        let signal = try connection.nextSignal()
        if case .delivered(let delivered) = signal {
            unsettled.insert(delivered.tag)
            deliveries.increment()
            if delivered.redelivered { redeliveries.increment() }
            inFlight.record(unsettled.count)
        }
        return signal
    }

    /// Tells the broker, once for each delivery.
    mutating func settle(_ tag: UInt64, _ outcome: PendingDelivery.Outcome) throws(ConnectionFailure) {
        guard unsettled.remove(tag) != nil else { return }
        inFlight.record(unsettled.count)
        switch outcome {
        case .acknowledged: try connection.acknowledge(tag)
        case .requeued: try connection.requeue(tag)
        }
    }

    /// Ends deliveries; true the first time.
    mutating func cancel(tag: String) throws(ConnectionFailure) -> Bool {
        guard !isCancelled else { return false }
        isCancelled = true
        try connection.cancel(tag: tag)
        return true
    }

    /// Gives back what was handed out and not settled.
    mutating func requeueUnsettled() throws(ConnectionFailure) {
        for tag in unsettled.sorted() { try settle(tag, .requeued) }
    }

    func close() { connection.close() }

    /// Nothing is in flight any more: the connection is gone.
    func forget() { inFlight.record(0) }
}
