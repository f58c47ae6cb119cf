import Testing

@testable import RabbitMQ

struct BackoffTests {
    private func bounds() throws -> ClosedRange<Duration> {
        try RabbitMQConfiguration(url: "amqp://localhost", connectionName: "test").backoff
    }

    @Test func `however long the broker was away, it is found within two seconds`() throws {
        var backoff = Backoff(try bounds())
        let pauses = (0..<100).map { _ in backoff.next() }
        #expect(pauses.allSatisfy { $0 <= .seconds(2) })
        // Not all clients at once, and not without rest.
        #expect(pauses.suffix(50).allSatisfy { $0 >= .seconds(1) })
        #expect(Set(pauses.suffix(50)).count > 10)
    }

    @Test func `a connection that is dropped is tried again at once`() throws {
        var backoff = Backoff(try bounds())
        for _ in 0..<10 { _ = backoff.next() }
        backoff.reset()
        #expect((Duration.milliseconds(50)...(.milliseconds(100))).contains(backoff.next()))
    }
}
