import EventSchema
import Messaging

extension ConformanceBench {
    func redeliversAfterLoss() async throws {
        let gate = Gate()
        let settle: Handler = { delivery in
            if !delivery.redelivered { await gate.pass() }
            return .acknowledge
        }
        try await consumingWork(settle: settle) { inbox in
            try await publish("held")
            try await inbox.wait { $0.count == 1 }
            try await subject.dropConnections()
            let received = try await inbox.wait { $0.count == 2 }
            // The first handler ends after the loss: its settlement is void, and harms nothing.
            gate.open()
            try expect(received[1].text == "held" && received[1].redelivered, "the message comes again, so marked")
            try await publish("next")
            let next = try await inbox.wait { $0.last?.text == "next" }
            try expect(next.count == 3, "and once only, got \(next.map(\.text))")
        }
    }

    func releases() async throws {
        let settle: Handler = { $0.redelivered ? .acknowledge : .release }
        try await consumingWork(settle: settle) { inbox in
            try await publish("again")
            let received = try await inbox.wait { $0.count == 2 }
            try expect(received[1].redelivered, "a released delivery is marked as redelivered")
            try expect(received[1].attempt == 1, "and counts no attempt, got \(received[1].attempt)")
        }
    }

    func retries() async throws {
        let settle: Handler = { delivery in
            delivery.attempt == 1 ? .retry(after: .seconds(1), reason: "the provider is down") : .acknowledge
        }
        try await consumingWork(settle: settle) { inbox in
            try await publish("retried", headers: ["kept": "yes"])
            try await inbox.wait { $0.count == 1 }
            try await subject.passShortestTier()
            let second = try await inbox.wait { $0.count == 2 }[1]
            let headers = second.message.headers
            try expect(second.attempt == 2, "the attempt is counted, got \(second.attempt)")
            try expect(second.text == "retried" && second.message.messageID == "retried", "the message is the same")
            try expect(headers["kept"] == "yes", "headers are kept, got \(headers)")
            try expect(
                headers[MessageHeader.lastError] == "the provider is down",
                "the reason is noted, got \(headers)"
            )
            let firstFailure = headers[MessageHeader.firstFailure]?.stringValue.flatMap { Timestamp($0) }
            try expect(firstFailure != nil, "the time of the first failure is noted, got \(headers)")
            try expect(second.queue == names.queue, "it comes from its queue, got \(second.queue)")
        }
    }

    func givesUp() async throws {
        let settle: Handler = { _ in .retry(after: .seconds(1), reason: "still down") }
        try await consumingWork(settle: settle) { _ in
            try await publish("hopeless", headers: [MessageHeader.attempt: 8])
            let parked = try await parked("hopeless")
            let reason = parked.message.headers[MessageHeader.parkedReason]?.stringValue ?? ""
            try expect(
                reason.contains("8 attempts") && reason.contains("still down"),
                "the reason says so, got \(reason)"
            )
        }
    }

    func parks() async throws {
        let reason = String(repeating: "é", count: 400)
        let settle: Handler = { _ in .park(reason: reason) }
        try await consumingWork(settle: settle) { _ in
            try await publish("poison", headers: ["kept": "yes"])
            let parked = try await parked("poison")
            let headers = parked.message.headers
            try expect(headers[MessageHeader.parkedFrom] == .string(names.queue), "its queue is noted, got \(headers)")
            let noted = headers[MessageHeader.parkedReason]?.stringValue ?? ""
            try expect(noted == String(repeating: "é", count: 256), "of the reason, 512 bytes, got \(noted.utf8.count)")
            try expect(headers["kept"] == "yes" && parked.message.messageID == "poison", "the message is the same")
        }
    }

    /// The first message in the parking.
    private func parked(_ text: String) async throws -> Delivery {
        let found = Watched<Delivery?>(nil)
        try await consuming(Subscription(.queue(names.parking), prefetch: 10)) { inbox in
            let delivery = try await inbox.wait { !$0.isEmpty }[0]
            found.update { $0 = delivery }
        }
        guard let delivery = found.value, delivery.text == text else {
            throw BrokerConformance.Violation(description: "\(text) is parked")
        }
        return delivery
    }

    func boundsHandlers() async throws {
        let running = Watched(0)
        let most = Watched(0)
        let gate = Gate()
        let settle: Handler = { _ in
            let now = running.update { running in
                running += 1
                return running
            }
            most.update { $0 = max($0, now) }
            await gate.pass()
            running.update { $0 -= 1 }
            return .acknowledge
        }
        try await consumingWork(prefetch: 3, settle: settle) { inbox in
            for number in 0..<10 { try await publish(String(number)) }
            try await running.wait { $0 == 3 }
            gate.open()
            try await inbox.wait { $0.count == 10 }
            try expect(most.value == 3, "three handlers at once, got \(most.value)")
        }
    }

    func drains() async throws {
        let gate = Gate()
        let started = Inbox([])
        let cancelled = Watched(0)
        let consumption = Task {
            try await broker.consume(Subscription(.queue(names.queue), prefetch: 2)) { delivery in
                started.update { $0.append(delivery) }
                await withTaskCancellationHandler {
                    await gate.pass()
                } onCancel: {
                    cancelled.update { $0 += 1 }
                }
                return .acknowledge
            }
        }
        for text in ["1", "2", "3"] { try await publish(text) }
        try await started.wait { $0.count == 2 }
        consumption.cancel()
        try await cancelled.wait { $0 == 2 }
        gate.open()
        try await consumption.value
        try expect(started.value.map(\.text) == ["1", "2"], "no further delivery is taken")
        try await consumingWork { inbox in
            try await publish("4")
            let rest = try await inbox.wait { $0.last?.text == "4" }.map(\.text)
            try expect(rest == ["3", "4"], "what was acknowledged does not come again, got \(rest)")
        }
    }

    func feedsExclusiveQueues() async throws {
        try await consuming(exclusive("news", "weather.*")) { inbox in
            try await untilFed("news", [inbox])
            try await publish("sunny", key: "weather.today")
            let received = try await inbox.wait { $0.last?.text == "sunny" }
            try expect(received.last?.source.routingKey == "weather.today", "the second binding feeds it, too")
            try await subject.dropConnections()
            inbox.update { $0 = [] }
            try await untilFed("news", [inbox])
        }
    }

    func dropsFromExclusiveQueues() async throws {
        let settle: Handler = { delivery in
            switch delivery.text {
            case "parked": .park(reason: "no parking here")
            case "retried": .retry(after: .seconds(1), reason: "no retries here")
            default: .acknowledge
            }
        }
        try await consuming(exclusive("news"), settle: settle) { inbox in
            try await untilFed("news", [inbox])
            for text in ["parked", "retried", "end"] { try await publish(text, key: "news") }
            let received = try await inbox.wait { $0.last?.text == "end" }.map(\.text).filter { $0 != "probe" }
            try expect(received == ["parked", "retried", "end"], "nothing comes twice, got \(received)")
        }
    }

    func refusesMissingQueue() async throws {
        let subscription = Subscription(.queue("no.such.queue.\(names.id)"), prefetch: 1)
        let code = await code { () throws(MessagingError) in
            try await broker.consume(subscription) { _ in .acknowledge }
        }
        try expect(code == .topologyMismatch, "topology_mismatch, got \(String(describing: code))")
    }
}
