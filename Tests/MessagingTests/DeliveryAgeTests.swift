import EventSchema
import Messaging
import Testing

struct DeliveryAgeTests {
    private let now = Timestamp(milliseconds: 1_704_067_200_000)

    private func age(_ sent: Int64?, _ headers: JSONObject = [:], redelivered: Bool = false) -> Duration? {
        let timestamp = sent.map { Timestamp(milliseconds: $0) }
        let message = Message(body: [], timestamp: timestamp, headers: headers)
        return Delivery(message: message, source: .queue("q"), queue: "q", redelivered: redelivered).age(at: now)
    }

    @Test func `a message that comes for the first time has waited since it was sent`() {
        #expect(age(now.milliseconds - 90_000) == .seconds(90))
        #expect(age(now.milliseconds - 90_000, ["x-attempt": 1]) == .seconds(90))
    }

    @Test func `what was tried before, and what does not say, does not count`() {
        #expect(age(now.milliseconds - 90_000, redelivered: true) == nil)
        #expect(age(now.milliseconds - 90_000, ["x-attempt": 2]) == nil)
        #expect(age(now.milliseconds - 90_000, ["x-first-failure": "2023-12-31T00:00:00Z"]) == nil)
        #expect(age(nil) == nil)
    }

    @Test(arguments: [(Int64.max, Duration.zero as Duration?), (1_704_067_200_001, .zero), (0, nil), (.min, nil)])
    func `a time that somebody made up harms nothing`(sent: Int64, expected: Duration?) {
        #expect(age(sent) == expected)
    }
}
