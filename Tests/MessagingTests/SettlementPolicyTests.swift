import EventSchema
import Messaging
import Testing

struct SettlementPolicyTests {
    private let now = Timestamp(milliseconds: 1_704_067_200_000)
    private let policy = SettlementPolicy(maximumAttempts: 3)

    private func delivery(_ headers: JSONObject = [:]) -> Delivery {
        Delivery(
            message: Message(body: [1, 2], messageID: "id", headers: headers),
            source: Destination(exchange: "events", routingKey: "media.uploaded"),
            queue: "media.process",
            redelivered: false
        )
    }

    private func step(_ settlement: Settlement, _ headers: JSONObject = [:], exclusive: Bool = false) -> SettlementStep
    {
        policy.step(for: settlement, of: delivery(headers), exclusive: exclusive, now: now)
    }

    @Test func `done is acknowledged and untried goes back`() {
        #expect(step(.acknowledge) == .acknowledge)
        #expect(step(.release) == .requeue)
    }

    @Test func `a retry moves to a tier under the name of its queue`() {
        let copy = Message(
            body: [1, 2],
            messageID: "id",
            headers: ["x-attempt": 2, "x-last-error": "down", "x-first-failure": "2024-01-01T00:00:00Z", "kept": 1]
        )
        let expected = SettlementStep.move(copy, to: Destination(exchange: "retry.30s", routingKey: "media.process"))
        #expect(step(.retry(after: .seconds(20), reason: "down"), ["kept": 1]) == expected)
    }

    @Test func `the first failure is noted once`() throws {
        let headers: JSONObject = ["x-attempt": 2, "x-first-failure": "2023-12-31T00:00:00Z"]
        guard case .move(let copy, _) = step(.retry(after: .zero, reason: "again"), headers) else {
            Issue.record("not moved")
            return
        }
        #expect(copy.headers["x-first-failure"] == "2023-12-31T00:00:00Z")
        #expect(copy.headers["x-attempt"] == 3)
    }

    @Test func `the last attempt is parked`() {
        guard case .move(let copy, let destination) = step(.retry(after: .zero, reason: "down"), ["x-attempt": 3])
        else {
            Issue.record("not moved")
            return
        }
        #expect(destination == Destination(exchange: "parking", routingKey: "media.process"))
        #expect(copy.headers["x-parked-reason"] == "gave up after 3 attempts: down")
        #expect(copy.headers["x-parked-from"] == "media.process")
        #expect(copy.headers["x-parked-at"] == "2024-01-01T00:00:00Z")
    }

    @Test func `copies do not carry the broker's own notes`() {
        let headers: JSONObject = [
            "x-death": [["queue": "retry.5s"]], "x-first-death-queue": "retry.5s", "x-last-death-reason": "expired",
            "x-delivery-count": 3, "traceparent": "00-1",
        ]
        guard case .move(let copy, _) = step(.park(reason: "poison"), headers) else {
            Issue.record("not moved")
            return
        }
        #expect(Set(copy.headers.keys) == ["traceparent", "x-parked-at", "x-parked-from", "x-parked-reason"])
    }

    /// What repairing makes of bytes that are not UTF-8: three for one.
    private func repaired(_ count: Int) -> String { String(repeating: "\u{FFFD}", count: count) }

    private func copy(of message: Message, _ settlement: Settlement) throws -> Message {
        let delivery = Delivery(message: message, source: .queue("q"), queue: "q", redelivered: false)
        let step = policy.step(for: settlement, of: delivery, exclusive: false, now: now)
        guard case .move(let copy, _) = step else { throw MessagingError(.rejected, "not moved") }
        return copy
    }

    @Test(arguments: [Settlement.retry(after: .zero, reason: "why"), .park(reason: "why")])
    func `copies have properties that fit`(settlement: Settlement) throws {
        let long = repaired(200)
        let message = Message(
            body: [1],
            contentType: long,
            contentEncoding: long,
            messageID: long,
            type: long,
            appID: long,
            correlationID: long,
            replyTo: long,
            priority: 7
        )
        let copy = try copy(of: message, settlement)
        let properties = [
            copy.contentType, copy.contentEncoding, copy.messageID, copy.type, copy.appID, copy.correlationID,
            copy.replyTo,
        ]
        #expect(properties == Array(repeating: repaired(85), count: 7))
        #expect(copy.priority == 7)
        #expect(copy.body == [1])
    }

    @Test(arguments: [Settlement.retry(after: .zero, reason: "why"), .park(reason: "why")])
    func `copies leave out headers that do not fit and keep the others`(settlement: Settlement) throws {
        let deep = (0..<9).reduce(JSONValue.integer(1)) { value, _ in [value] }
        var headers: JSONObject = [
            "large": .string(repaired(50_000)), repaired(43): 1, "inner": .object([repaired(43): 1]), "deep": deep,
            "x-first-failure": .string(repaired(30_000)), "traceparent": "00-1",
        ]
        headers["medium"] = .string(repaired(10_000))
        let copy = try copy(of: Message(body: [], headers: headers), settlement)
        let kept = copy.headers.filter { !$0.key.hasPrefix("x-") }
        #expect(kept == ["traceparent": "00-1", "medium": .string(repaired(10_000))])
        #expect((copy.headers["x-first-failure"]?.stringValue?.utf8.count ?? 0) < 64)
    }

    @Test func `copies have a bounded number of headers`() throws {
        let headers = Dictionary(uniqueKeysWithValues: (0..<1024).map { ("h\($0)", JSONValue.integer(1)) })
        #expect(try copy(of: Message(body: [], headers: headers), .park(reason: "why")).headers.count == 1004)
    }

    @Test(arguments: [Settlement.retry(after: .zero, reason: "why"), .park(reason: "why")])
    func `an exclusive queue has no second chance`(settlement: Settlement) {
        #expect(step(settlement, exclusive: true) == .drop(reason: "why"))
    }

    @Test(arguments: [("x-attempt", JSONValue.string("9")), ("x-attempt", .integer(.max)), ("x-attempt", -5)])
    func `an attempt that somebody made up harms nothing`(name: String, value: JSONValue) {
        guard case .move = step(.retry(after: .zero, reason: "down"), [name: value]) else {
            Issue.record("not moved")
            return
        }
    }
}
