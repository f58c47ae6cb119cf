import Messaging

/// What one connection of a consumer has handed out and not seen settled.
struct ConsumerSession {
    let epoch: Int
    private let connection: AMQPConnection
    private let measures: ConsumerMeasures
    private var tags = DeliveryTags()
    private var isCancelled = false
    /// How many deliveries went back to their queue.
    private(set) var givenBack = 0

    init(_ connection: AMQPConnection, epoch: Int, measures: ConsumerMeasures) {
        self.connection = connection
        self.epoch = epoch
        self.measures = measures
    }

    /// How many deliveries are out.
    var unsettledCount: Int { tags.unsettledCount }

    /// Reads what the broker says, noting deliveries.
    mutating func nextSignal() throws(ConnectionFailure) -> BrokerSignal? {
        let signal = try connection.nextSignal()
        if case .delivered(let delivery) = signal {
            guard tags.insert(delivery.tag) else {
                throw ConnectionFailure(.unavailable, "the broker's delivery tag \(delivery.tag) is out of order")
            }
        }
        return signal
    }

    /// Tells the broker, once for each delivery.
    mutating func settle(_ settlements: [ConsumerMailbox.Settlement]) throws(ConnectionFailure) {
        for settlement in settlements {
            switch settlement.outcome {
            case .acknowledged: tags.acknowledge(settlement.tag)
            case .requeued: try requeue(settlement.tag)
            }
        }
        try send(tags.takeAcknowledgements())
    }

    private func send(_ acknowledgements: [DeliveryTags.Acknowledgement]) throws(ConnectionFailure) {
        guard acknowledgements.count > 1 else {
            for one in acknowledgements { try connection.acknowledge(one.tag, multiple: one.isMultiple) }
            return
        }
        try connection.together { () throws(ConnectionFailure) in
            for one in acknowledgements { try connection.acknowledge(one.tag, multiple: one.isMultiple) }
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
        for tag in tags.unsettled { try requeue(tag) }
    }

    private mutating func requeue(_ tag: UInt64) throws(ConnectionFailure) {
        guard tags.requeue(tag) else { return }
        givenBack += 1
        try connection.requeue(tag)
    }

    func close() { connection.close() }

    /// Nothing is in flight any more: the connection is gone.
    func forget() { measures.unsettled(0) }
}
