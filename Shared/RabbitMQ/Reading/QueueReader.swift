package import EventSchema
package import Messaging

/// Reads a queue one message at a time, for operators: what is not acknowledged is back in its place afterwards.
///
/// A connection of its own, whose end, however it comes about, gives back all that was read and not acknowledged. A quorum
/// queue keeps their order, but only among those of one consumer: `basic.get`, or a `basic.nack` of many, would shuffle
/// them. Hence one consumer reads as far as its prefetch reaches, and then another one with a larger prefetch goes on. It
/// puts them before all messages that were never given back, and behind those that were: to keep the order, read on until
/// a message ``Taken/isFresh``, or to the end. Of a message nothing is kept here but its delivery tag.
package actor QueueReader {
    /// A message that was read and is still the queue's.
    package struct Taken: Sendable {
        package let message: Message
        /// Where it was published.
        package let source: Destination
        /// Whether it was never handed out before; then so are all behind it.
        package var isFresh: Bool { (message.headers["x-delivery-count"]?.integerValue ?? 0) == 0 }
        let tag: UInt64
    }

    package struct Count: Sendable, Hashable {
        /// Ready for a consumer; those that one holds do not count.
        package let messages: Int
        package let consumers: Int
    }

    /// In front, so that 32 consumers, of which a quorum queue keeps the order, reach over a full parking queue.
    private static let prefetches = [200, 1600, 12_800] + Array(repeating: 60_000, count: 29)
    /// For a message that is ready and does not come.
    private static let patience = Duration.seconds(10)

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    nonisolated let configuration: RabbitMQConfiguration
    nonisolated let watch = SocketWatch()
    private nonisolated let executor = QueueExecutor("amqp-reader")
    private let name: String
    private let wakeup = Wakeup()
    private var connection: AMQPConnection?
    private var queue = ""
    private var consumers = 0
    /// How many more messages the last consumer may be sent.
    private var credit = 0
    /// The first delivery of the last consumer.
    private var firstTag: UInt64 = 1
    private var lastTag: UInt64 = 0
    private var hasAcknowledged = false

    init(_ configuration: RabbitMQConfiguration, name: String) {
        self.configuration = configuration
        self.name = name
    }

    // MARK: Connection

    func open() throws(MessagingError) {
        var lastError = MessagingError(.unavailable, "the address names no node")
        for node in configuration.address.nodes {
            do throws(ConnectionFailure) {
                connection = try AMQPConnection(configuration, node: node, name: name, watch: watch)
                return
            } catch {
                lastError = error.error
            }
        }
        throw lastError
    }

    /// What the broker told about itself at login.
    package var serverProperties: JSONObject { connection?.serverProperties ?? [:] }

    /// Counts a queue without touching it; `nil` if there is none.
    package func count(_ queue: String) throws(MessagingError) -> Count? {
        do {
            return try use { connection throws(ConnectionFailure) in try connection.count(queue) }
        } catch  where error.code == .topologyMismatch && consumers == 0 {
            // The broker closed the channel with its answer.
            try open()
            return nil
        }
    }

    func beat() {
        try? use { connection throws(ConnectionFailure) in try connection.beat() }
    }

    /// Gives everything back that was not acknowledged, and ends the connection.
    func close() {
        guard let connection else { return }
        do {
            if consumers > 0 { try settle(connection) }
            connection.close()
        } catch {
            // Then it is closed already, which gives back just as well.
        }
        self.connection = nil
    }

    private func settle(_ connection: AMQPConnection) throws {
        try discard(from: connection) { self.credit > 0 }
        guard hasAcknowledged else { return }
        // A quorum queue may drop acknowledgements that come right before the close, unless its consumer was cancelled
        // and some time has passed (rabbitmq-server #10327).
        for number in 1...consumers { try connection.cancelSoon(tag: Self.tag(number)) }
        try discard(from: connection) { true }
    }

    /// Reads what is on its way: the goodbye would queue it up in memory, and a delivery that meets a cancelled consumer
    /// goes to the end of its queue.
    private func discard(from connection: AMQPConnection, while isExpecting: () -> Bool) throws {
        let end = ContinuousClock.now + Self.patience
        repeat {
            while try receive() != nil, ContinuousClock.now < end {}
        } while isExpecting() && wait(on: connection, atMost: configuration.settleGrace) && ContinuousClock.now < end
    }

    // MARK: Reading

    /// Begins to read a queue from its head; once for each reader.
    package func start(_ queue: String) throws(MessagingError) {
        self.queue = queue
        try widen()
    }

    /// Begins to read a stream; once for each reader.
    package func start(stream: String, from start: StreamStart) throws(MessagingError) {
        queue = stream
        consumers = 1
        credit = .max
        try use { connection throws(ConnectionFailure) in
            try connection.consume(stream: stream, from: start, tag: Self.tag(1), prefetch: 100)
        }
    }

    /// The next message, or `nil` when the queue holds no further one.
    ///
    /// Settle a message, if at all, before asking for the next.
    ///
    /// - Throws: ``MessagingError``; `timeout` if messages are there and none comes: another consumer has them.
    package func next() throws(MessagingError) -> Taken? {
        let end = ContinuousClock.now + Self.patience
        var silences = 0
        while silences < 2 {
            if let taken = try receive() { return taken }
            if credit == 0 { try widen() }
            if try wait(.milliseconds(100)) { continue }
            // What was on its way when the queue was found empty arrives during the second silence.
            silences = try count(queue)?.messages == 0 ? silences + 1 : 0
            guard ContinuousClock.now < end else {
                throw MessagingError(.timeout, "queue '\(queue)' has messages, but does not hand them out")
            }
        }
        return nil
    }

    /// The next message of a stream, or `nil` if none comes for the time of `silence`.
    package func next(within silence: Duration) throws(MessagingError) -> Taken? {
        let end = ContinuousClock.now + silence
        while true {
            if let taken = try receive() { return taken }
            let left = end - ContinuousClock.now
            guard left > .zero else { return nil }
            _ = try wait(left)
        }
    }

    /// Has the broker forget a message.
    package func acknowledge(_ taken: Taken) throws(MessagingError) {
        try use { connection throws(ConnectionFailure) in try connection.acknowledge(taken.tag, multiple: false) }
        hasAcknowledged = true
        if taken.tag >= firstTag, credit < .max { credit += 1 }
    }

    // MARK: Parts

    /// Lets another consumer read on.
    private func widen() throws(MessagingError) {
        guard consumers < Self.prefetches.count else {
            throw MessagingError(
                .rejected,
                "queue '\(queue)' has more messages than can be read in one go: filter, or drop"
            )
        }
        let prefetch = Self.prefetches[consumers]
        consumers += 1
        credit = prefetch
        firstTag = lastTag + 1
        let (queue, tag) = (queue, Self.tag(consumers))
        try use { connection throws(ConnectionFailure) in
            try connection.consume(queue, tag: tag, prefetch: prefetch)
        }
    }

    private func receive() throws(MessagingError) -> Taken? {
        let signal = try use { connection throws(ConnectionFailure) -> BrokerSignal? in
            defer { connection.releaseBuffers() }
            while let signal = try connection.nextSignal() {
                switch signal {
                case .delivered: return signal
                case .consumerCancelled: throw ConnectionFailure(.unavailable, "the broker cancelled the consumer")
                case .blocked, .unblocked, .confirmed, .refused, .returned: continue
                }
            }
            return nil
        }
        guard case .delivered(let delivered) = signal else { return nil }
        lastTag = delivered.tag
        if credit < .max { credit -= 1 }
        return Taken(message: delivered.message, source: delivered.source, tag: delivered.tag)
    }

    private func wait(_ duration: Duration) throws(MessagingError) -> Bool {
        try use { connection throws(ConnectionFailure) in wait(on: connection, atMost: duration) }
    }

    /// Waits for something to read; false if nothing came.
    private func wait(on connection: AMQPConnection, atMost duration: Duration) -> Bool {
        wakeup.wait(alongside: connection.socket, atMost: min(duration, connection.longestSilence))
    }

    private func use<Value>(
        _ body: (AMQPConnection) throws(ConnectionFailure) -> Value
    ) throws(MessagingError) -> Value {
        guard let connection else { throw MessagingError(.closed, "the connection is closed") }
        do throws(ConnectionFailure) { return try body(connection) } catch { throw error.error }
    }

    /// In the order of their numbers also as text: a quorum queue gives back in the order of the tags.
    private static func tag(_ number: Int) -> String { number < 10 ? "reader-0\(number)" : "reader-\(number)" }
}
