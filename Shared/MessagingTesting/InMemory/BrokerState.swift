import DequeModule
import EventSchema
import Messaging

/// A broker's exchanges, queues and consumers.
struct BrokerState: Sendable {
    struct Stored: Sendable {
        var message: Message
        var source: Destination
        var redelivered = false
        /// The order of arrival in its queue.
        var sequence = 0
    }

    /// A message in a retry tier.
    struct Delayed: Sendable {
        var stored: Stored
        var due: Duration
    }

    struct Consumer: Sendable {
        var subscription: Subscription
        var hand: @Sendable (Stored, _ tag: Int) -> Void
        var unsettled: [Int: Stored] = [:]
        var isCancelled = false
    }

    private struct Exchange: Sendable {
        var kind: Topology.ExchangeDeclaration.Kind
        var alternate: String?
        var bindings: [Topology.BindingDeclaration] = []
    }

    private var exchanges: [String: Exchange] = [:]
    private var queues: [String: Deque<Stored>] = [:]
    private var consumers: [Int: Consumer] = [:]
    private var tiers: [String: RetryTier] = [:]
    private(set) var delayed: [Delayed] = []
    /// The time that tests have let pass.
    private var now = Duration.zero
    private var lastConsumer = 0
    private var lastTag = 0
    private var lastSequence = 0
    /// The consumer that is served next, so that competitors take turns.
    private var turn = 0

    /// What each publish fails with, while tests say so.
    var outage: MessagingError?

    init(_ topology: Topology.Declaration) {
        for exchange in topology.exchanges {
            exchanges[exchange.name] = Exchange(kind: exchange.kind, alternate: exchange.alternate)
        }
        for queue in topology.queues { queues[queue.name] = [] }
        for binding in topology.bindings { exchanges[binding.exchange]?.bindings.append(binding) }
        for tier in RetryTier.all { tiers[tier.exchange] = tier }
    }

    /// The messages of a queue that no consumer holds, first to be delivered first.
    func ready(in queue: String) -> [Message] { queues[queue, default: []].map(\.message) }

    var consumedQueues: Set<String> { Set(consumers.values.map(\.subscription.queueName)) }

    // MARK: Publishing

    /// Routes a message and returns how many queues took it.
    mutating func publish(_ message: Message, to destination: Destination) throws(MessagingError) -> Int {
        if let outage { throw outage }
        let targets = try queues(for: destination)
        for queue in targets {
            store(Stored(message: message.asAMQPCarriesIt, source: destination), in: queue)
        }
        return targets.count
    }

    private func queues(for destination: Destination) throws(MessagingError) -> Set<String> {
        let key = destination.routingKey
        if destination.exchange.isEmpty { return queues[key] == nil ? [] : [key] }
        guard let exchange = exchanges[destination.exchange] else {
            throw MessagingError(.topologyMismatch, "exchange '\(destination.exchange)' not found (404)")
        }
        let matching = exchange.bindings.filter { binding in
            switch exchange.kind {
            case .fanout: true
            case .direct: binding.routingKey == key
            case .topic: TopicPattern(binding.routingKey).matches(key)
            }
        }
        let targets = Set(matching.map(\.queue))
        guard targets.isEmpty, let alternate = exchange.alternate else { return targets }
        return try queues(for: Destination(exchange: alternate, routingKey: key))
    }

    private mutating func store(_ stored: Stored, in queue: String) {
        if let tier = tiers[queue] {
            return delayed.append(Delayed(stored: stored, due: now + tier.delay))
        }
        lastSequence += 1
        var stored = stored
        stored.sequence = lastSequence
        queues[queue]?.append(stored)
        dispatch(queue)
    }

    /// Lets time pass: what waited long enough in a tier walks back to the queue it came from.
    mutating func advance(by duration: Duration) {
        now += duration
        let due = delayed.filter { $0.due <= now }.sorted { $0.due < $1.due }
        delayed.removeAll { $0.due <= now }
        for one in due where queues[one.stored.source.routingKey] != nil {
            var stored = one.stored
            // As a broker dead-letters it: over the default exchange.
            stored.source.exchange = ""
            store(stored, in: stored.source.routingKey)
        }
    }

    // MARK: Consuming

    mutating func subscribe(_ consumer: Consumer) throws(MessagingError) -> Int {
        let queue = consumer.subscription.queueName
        if consumer.subscription.isExclusive {
            guard queues[queue] == nil else {
                throw MessagingError(.topologyMismatch, "queue '\(queue)' is exclusive to another consumer (405)")
            }
            try declareExclusive(consumer.subscription)
        }
        guard queues[queue] != nil else { throw MessagingError(.topologyMismatch, "queue '\(queue)' not found (404)") }
        lastConsumer += 1
        consumers[lastConsumer] = consumer
        dispatch(queue)
        return lastConsumer
    }

    private mutating func declareExclusive(_ subscription: Subscription) throws(MessagingError) {
        guard case .exclusive(let queue, let bindings) = subscription.source else { return }
        for binding in bindings where exchanges[binding.exchange] == nil {
            throw MessagingError(.topologyMismatch, "exchange '\(binding.exchange)' not found (404)")
        }
        queues[queue] = []
        for binding in bindings {
            exchanges[binding.exchange]?.bindings.append(.init(binding.exchange, binding.pattern, to: queue))
        }
    }

    /// Hands a consumer nothing more; what it holds may still be settled.
    mutating func cancel(_ id: Int) { consumers[id]?.isCancelled = true }

    /// Takes a consumer away; what it held goes back.
    mutating func remove(_ id: Int) {
        guard let consumer = consumers.removeValue(forKey: id) else { return }
        let queue = consumer.subscription.queueName
        if consumer.subscription.isExclusive {
            delete(queue)
        } else {
            requeue(Array(consumer.unsettled.values), in: queue)
        }
    }

    private mutating func delete(_ queue: String) {
        queues[queue] = nil
        for name in exchanges.keys { exchanges[name]?.bindings.removeAll { $0.queue == queue } }
    }

    func holds(_ id: Int, tag: Int) -> Bool { consumers[id]?.unsettled[tag] != nil }

    mutating func settle(_ id: Int, tag: Int, _ outcome: PendingDelivery.Outcome) {
        guard let stored = consumers[id]?.unsettled.removeValue(forKey: tag), let consumer = consumers[id] else {
            return
        }
        let queue = consumer.subscription.queueName
        if outcome == .requeued { requeue([stored], in: queue) }
        dispatch(queue)
    }

    /// Every connection goes and comes back: what consumers held is redelivered, exclusive queues start anew.
    mutating func dropConnections() {
        for id in consumers.keys.sorted() {
            guard let consumer = consumers[id] else { continue }
            consumers[id]?.unsettled = [:]
            let queue = consumer.subscription.queueName
            if consumer.subscription.isExclusive {
                queues[queue] = []
            } else {
                requeue(Array(consumer.unsettled.values), in: queue)
            }
        }
    }

    private mutating func requeue(_ stored: [Stored], in queue: String) {
        let returned = stored.map { one in
            var one = one
            one.redelivered = true
            return one
        }
        guard let ready = queues[queue], !returned.isEmpty else { return }
        queues[queue] = Deque((returned + ready).sorted { $0.sequence < $1.sequence })
        dispatch(queue)
    }

    /// Hands ready messages to consumers with room, in turn.
    private mutating func dispatch(_ queue: String) {
        while let stored = queues[queue]?.first, let id = nextConsumer(of: queue) {
            queues[queue]?.removeFirst()
            turn = id
            lastTag += 1
            consumers[id]?.unsettled[lastTag] = stored
            consumers[id]?.hand(stored, lastTag)
        }
    }

    private func nextConsumer(of queue: String) -> Int? {
        let free = consumers.filter { _, consumer in
            consumer.subscription.queueName == queue && !consumer.isCancelled
                && consumer.unsettled.count < consumer.subscription.prefetch
        }
        return free.keys.filter { $0 > turn }.min() ?? free.keys.min()
    }
}

extension Subscription {
    var queueName: String {
        switch source {
        case .queue(let name): name
        case .exclusive(let name, _): name
        }
    }

    var isExclusive: Bool {
        if case .exclusive = source { true } else { false }
    }
}

extension Message {
    /// AMQP's timestamps are whole seconds.
    fileprivate var asAMQPCarriesIt: Message {
        var message = self
        message.timestamp = timestamp.map { .init(milliseconds: $0.milliseconds / 1000 * 1000) }
        return message
    }
}
