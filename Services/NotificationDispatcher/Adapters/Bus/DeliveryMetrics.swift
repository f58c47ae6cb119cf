import Metrics
import NotificationDomain

/// What a channel counts.
struct DeliveryMetrics: Sendable {
    let channel: Channel

    func record(_ duration: Duration) {
        Timer(label: "notification.delivery.duration", dimensions: [("channel", channel.rawValue)])
            .record(duration: duration)
    }

    func count(_ outcome: RetrySchedule.Outcome) { count(outcome.word) }

    func countRetry() { count("retried") }

    /// An attempt is made again because nobody knows how it ended.
    func countAmbiguous() {
        Counter(label: "notification.ambiguous", dimensions: [("channel", channel.rawValue)]).increment()
    }

    private func count(_ outcome: String) {
        let dimensions = [("channel", channel.rawValue), ("outcome", outcome)]
        Counter(label: "notification.outcomes", dimensions: dimensions).increment()
    }
}

extension RetrySchedule.Outcome {
    var word: String {
        switch self {
        case .delivered: "delivered"
        case .failed: "failed"
        }
    }
}
