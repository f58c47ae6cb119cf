import Foundation
import NotificationDomain
import NotificationWebhook
import Testing

struct ResponseClassificationTests {
    private func outcome(_ status: Int, retryAfter: String? = nil, now: Date = Date()) -> DeliveryOutcome {
        ResponseClassification.outcome(status: status, retryAfter: retryAfter, now: now)
    }

    @Test(arguments: [200, 201, 202, 204, 299])
    func `2xx is taken`(status: Int) {
        #expect(outcome(status) == .delivered)
    }

    @Test(arguments: [300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 409, 410, 413, 422, 451])
    func `redirects and refusals are final and name the status`(status: Int) {
        guard case .failed(let failure) = outcome(status) else {
            Issue.record("HTTP \(status) is not final")
            return
        }
        #expect(failure.reason == .rejected)
        #expect(failure.message.contains("HTTP \(status)"))
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504, 599])
    func `what may pass is tried again`(status: Int) {
        let failure = Failure(.unreachable, "the receiver could not take it (HTTP \(status))")
        #expect(outcome(status) == .postponed(after: nil, failure))
    }

    @Test func `Retry-After is understood as seconds and as a date`() throws {
        func delay(_ text: String) -> Duration? {
            let now = Date(timeIntervalSince1970: 784_111_717)
            guard case .postponed(let delay, _) = outcome(429, retryAfter: text, now: now) else { return nil }
            return delay
        }
        #expect(delay("120") == .seconds(120))
        #expect(delay("999999999") == .seconds(86400))
        // RFC 9110's example date is 60 s after `now`.
        #expect(delay("Sun, 06 Nov 1994 08:49:37 GMT") == .seconds(60))
        #expect(delay("Sun, 06 Nov 1994 08:00:00 GMT") == .zero)
        #expect(delay("soon") == nil)
        #expect(delay("-5") == nil)
    }
}
