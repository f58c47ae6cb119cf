import EventSchema
import Foundation
import Messaging

/// What the checks of ``BrokerConformance`` share.
struct ConformanceBench: Sendable {
    let subject: BrokerConformance.Subject
    let names: ConformanceNames

    var broker: any MessagePublisher & MessageConsumer { subject.broker }

    func expect(_ condition: Bool, _ expectation: @autoclosure () -> String) throws {
        guard condition else { throw BrokerConformance.Violation(description: expectation()) }
    }

    // MARK: Publishing

    func publish(_ text: String, key: String = "job.run", headers: JSONObject = [:]) async throws {
        let message = Message(body: Array(text.utf8), messageID: text, headers: headers)
        try await broker.publishUntilTaken(message, to: Destination(exchange: names.exchange, routingKey: key))
    }

    /// The code of the error that `body` throws.
    func code(_ body: () async throws(MessagingError) -> Void) async -> MessagingError.Code? {
        do throws(MessagingError) {
            try await body()
            return nil
        } catch {
            return error.code
        }
    }

    // MARK: Consuming

    typealias Handler = @Sendable (Delivery) async -> Settlement

    /// What a check has received.
    typealias Inbox = Watched<[Delivery]>

    /// Runs `body` while `subscription` is consumed into an inbox, each delivery settled as `settle` says.
    func consuming(
        _ subscription: Subscription,
        settle: @escaping Handler = { _ in .acknowledge },
        _ body: (Inbox) async throws -> Void
    ) async throws {
        let inbox = Inbox([])
        let consumption = Task {
            try await broker.consume(subscription) { delivery in
                inbox.update { $0.append(delivery) }
                return await settle(delivery)
            }
        }
        let result: Result<Void, any Error>
        do {
            try await body(inbox)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        consumption.cancel()
        try await consumption.value
        try result.get()
    }

    func consumingWork(
        prefetch: Int = 10,
        settle: @escaping Handler = { _ in .acknowledge },
        _ body: (Inbox) async throws -> Void
    ) async throws {
        try await consuming(Subscription(.queue(names.queue), prefetch: prefetch), settle: settle, body)
    }

    func exclusive(_ patterns: String...) -> Subscription {
        let bindings = patterns.map { Subscription.Binding(exchange: names.exchange, pattern: $0) }
        return Subscription(.exclusive(name: "node.\(UUID().lowercased)", bindings: bindings), prefetch: 10)
    }
}

extension Delivery {
    var text: String { String(decoding: message.body, as: UTF8.self) }
}
