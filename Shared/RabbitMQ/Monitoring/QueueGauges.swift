import Metrics

/// Shows how full queues are; what is not known is not shown.
struct QueueGauges {
    private let metrics: BrokerMetrics
    private var shown: [String: [Gauge]] = [:]

    init(_ metrics: BrokerMetrics) {
        self.metrics = metrics
    }

    /// - Parameter inFlight: Deliveries that this process holds, if the queue is one of its work queues.
    mutating func show(_ queue: String, messages: Int, consumers: Int, inFlight: Int?) {
        var gauges = shown[queue] ?? [metrics.messages(in: queue), metrics.consumers(of: queue)]
        if inFlight != nil, gauges.count == 2 { gauges.append(metrics.workPending(in: queue)) }
        let values = [messages, consumers] + (inFlight.map { [messages + $0] } ?? [])
        for (gauge, value) in zip(gauges, values) { gauge.record(value) }
        shown[queue] = gauges
    }

    mutating func hide(_ queue: String) {
        for gauge in shown.removeValue(forKey: queue) ?? [] { gauge.destroy() }
    }

    mutating func hideAll() {
        for queue in shown.keys { hide(queue) }
    }
}
