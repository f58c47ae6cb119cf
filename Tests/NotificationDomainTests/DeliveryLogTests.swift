import Foundation
import NotificationDomain
import Testing

struct DeliveryLogTests {
    private func key() -> DeliveryLog.Key { DeliveryLog.Key(notification: UUID(), channel: .webhook) }

    @Test func `a message that comes twice is delivered once`() {
        var log = DeliveryLog()
        let key = key()
        #expect(log.begin(key) == .deliver)
        #expect(log.begin(key) == .inProgress)
        log.finish(key, outcome: .delivered(attempt: 2))
        #expect(log.begin(key) == .done(.delivered(attempt: 2)))
    }

    @Test func `channels of one notification do not disturb each other`() {
        var log = DeliveryLog()
        let id = UUID()
        #expect(log.begin(DeliveryLog.Key(notification: id, channel: .inApp)) == .deliver)
        #expect(log.begin(DeliveryLog.Key(notification: id, channel: .webhook)) == .deliver)
    }

    @Test func `what is postponed is delivered when it comes again`() {
        var log = DeliveryLog()
        let key = key()
        _ = log.begin(key)
        log.postpone(key)
        #expect(log.begin(key) == .deliver)
    }

    @Test func `the oldest outcomes are forgotten`() {
        var log = DeliveryLog(capacity: 4)
        let keys = (0..<5).map { _ in key() }
        for key in keys {
            _ = log.begin(key)
            log.finish(key, outcome: .delivered(attempt: 1))
        }
        #expect(log.begin(keys[0]) == .deliver)
        #expect(log.begin(keys[4]) == .done(.delivered(attempt: 1)))
    }
}
