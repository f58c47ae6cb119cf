import EventSchema
import Messaging

extension ConformanceBench {
    func routesByTopic() async throws {
        try await consuming(exclusive("a.*.c")) { oneWord in
            try await consuming(exclusive("a.#")) { anyWords in
                try await untilFed("a.x.c", [oneWord, anyWords])
                for key in ["a", "a.b", "a.b.c", "a.b.b.c", "a.b.c.d"] { try await publish(key, key: key) }
                try await publish("end", key: "a.end.c")
                let ends: @Sendable ([Delivery]) -> Bool = { $0.last?.text == "end" }
                let one = try await oneWord.wait(until: ends).map(\.text).filter { $0 != "probe" }
                let any = try await anyWords.wait(until: ends).map(\.text).filter { $0 != "probe" }
                try expect(one == ["a.b.c", "end"], "a.*.c takes one word, got \(one)")
                let all = ["a", "a.b", "a.b.c", "a.b.b.c", "a.b.c.d", "end"]
                try expect(any == all, "a.# takes any words, none included, got \(any)")
            }
        }
    }

    /// Publishes probes until every inbox has one: a consumer's bindings stand some time after it was started.
    func untilFed(_ key: String, _ inboxes: [Inbox]) async throws {
        while inboxes.contains(where: { $0.value.isEmpty }) {
            do throws(MessagingError) {
                let message = Message(body: Array("probe".utf8))
                try await broker.publish(message, to: Destination(exchange: names.exchange, routingKey: key))
            } catch {
                // Unroutable: nobody is there yet.
                guard error.code == .unroutable else { throw error }
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func keepsOrder() async throws {
        let texts = (0..<300).map(String.init)
        try await consumingWork(prefetch: 50) { inbox in
            for text in texts { try await publish(text) }
            let received = try await inbox.wait { $0.count >= texts.count }.map(\.text)
            try expect(received == texts, "handlers start in the order of publishing, got \(received)")
        }
    }

    func carriesProperties() async throws {
        let headers: JSONObject = [
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "ümläut": "größe 🐦",
            "number": -42, "large": .integer(.max), "half": .number("0.5"), "yes": true, "nothing": nil,
            "list": [1, "two", [3], ["four": false]], "empty": [:], "text": "",
        ]
        let message = Message(
            body: Array(0...255) + [0, 0xFF],
            contentType: "application/json",
            contentEncoding: "gzip",
            messageID: "id-1",
            type: "media.uploaded",
            appID: "php-backend",
            correlationID: "correlation",
            replyTo: "answers",
            priority: 255,
            timestamp: Timestamp(milliseconds: 1_704_067_200_000),
            headers: headers
        )
        try await consumingWork { inbox in
            let destination = Destination(exchange: names.exchange, routingKey: "job.properties")
            try await broker.publishUntilTaken(message, to: destination)
            try await broker.publishUntilTaken(Message(body: []), to: destination)
            let received = try await inbox.wait { $0.count == 2 }
            try expect(received[0].message == message, "the message arrives whole, got \(received[0].message)")
            try expect(received[1].message == Message(body: []), "an empty one, too, got \(received[1].message)")
            try expect(received[0].source == destination, "its source is known, got \(received[0].source)")
            try expect(received[0].queue == names.queue, "its queue is known, got \(received[0].queue)")
            try expect(!received[0].redelivered && received[0].attempt == 1, "it is new")
        }
    }

    func refusesUnroutable() async throws {
        let nowhere = Destination(exchange: names.exchange, routingKey: "nobody.wants.this")
        let message = Message(body: [1], messageID: "stray")
        let confirmed = await code { () throws(MessagingError) in try await broker.publish(message, to: nowhere) }
        try expect(confirmed == .unroutable, "unroutable, got \(String(describing: confirmed))")
        let missing = Destination.queue("no.such.queue.\(names.id)")
        let direct = await code { () throws(MessagingError) in try await broker.publish(message, to: missing) }
        try expect(direct == .unroutable, "unroutable, got \(String(describing: direct))")
        let bestEffort = await code { () throws(MessagingError) in
            try await broker.publish(message, to: nowhere, guarantee: .bestEffort)
        }
        try expect(bestEffort == nil, "best effort does not throw, got \(String(describing: bestEffort))")
        // Among others, only the stray fails.
        async let stray = code { () throws(MessagingError) in try await broker.publish(message, to: nowhere) }
        for text in ["1", "2", "3"] { try await publish(text) }
        try expect(await stray == .unroutable, "only the stray is unroutable")
    }

    func refusesMissingExchange() async throws {
        let nowhere = Destination(exchange: "no.such.exchange.\(names.id)", routingKey: "job.run")
        async let missing = code { () throws(MessagingError) in
            try await broker.publish(Message(body: [1]), to: nowhere)
        }
        for text in ["1", "2", "3"] { try await publish(text) }
        let code = await missing
        try expect(code == .topologyMismatch, "topology_mismatch, got \(String(describing: code))")
        try await publish("4")
    }
}
