import Messaging

/// What one connection of a consumer has handed out and not seen settled.
struct ConsumerSession {
    let epoch: Int
    private let connection: AMQPConnection
    private let measures: ConsumerMeasures
    private var unsettled: Set<UInt64> = []
    private var isCancelled = false

    init(_ connection: AMQPConnection, epoch: Int, measures: ConsumerMeasures) {
        self.connection = connection
        self.epoch = epoch
        self.measures = measures
    }

    /// How many deliveries are out.
    var unsettledCount: Int { unsettled.count }

    /// Reads what the broker says, noting deliveries.
    mutating func nextSignal() throws(ConnectionFailure) -> BrokerSignal? {
        let signal = try connection.nextSignal()
        if case .delivered(let delivered) = signal {
            unsettled.insert(delivered.tag)
            measures.unsettled(unsettled.count)
        }
        return signal
    }

    /// Tells the broker, once for each delivery.
    mutating func settle(_ tag: UInt64, _ outcome: PendingDelivery.Outcome) throws(ConnectionFailure) {
        guard unsettled.remove(tag) != nil else { return }
        measures.unsettled(unsettled.count)
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
    func forget() { measures.unsettled(0) }
}
