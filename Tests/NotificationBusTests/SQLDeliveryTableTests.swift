import EventSchema
import Foundation
import NotificationDomain
import NotificationStore
import Persistence
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SQLDeliveryTableTests {
    /// What may be noted of a delivery before the attempt in question.
    enum Noted: Sendable, CaseIterable {
        case nothing
        /// All of attempt 2.
        case begun
        case postponed
        case ended
    }

    private let bench: Bench
    private let table = SQLDeliveryTable()
    private let key = DeliveryKey(notification: UUID(), channel: .webhook)

    init() async throws { bench = try await Bench() }

    private func begin(_ attempt: Int, _ key: DeliveryKey? = nil) async throws -> DeliveryDecision {
        let key = key ?? self.key
        return try await bench.database.write { [table] transaction in
            try table.begin(key, attempt: attempt, now: .now, in: transaction)
        }
    }

    private func finish() async throws -> Bool {
        try await bench.database.write { [table, key] transaction in
            try table.finish(key, now: .now, in: transaction)
        }
    }

    private func postpone(_ attempt: Int) async throws {
        try await bench.database.write { [table, key] transaction in
            try table.postpone(key, attempt: attempt, now: .now, in: transaction)
        }
    }

    private func note(_ noted: Noted) async throws {
        guard noted != .nothing else { return }
        _ = try await begin(2)
        if noted == .postponed { try await postpone(2) }
        if noted == .ended { _ = try await finish() }
    }

    @Test(arguments: [
        (Noted.nothing, 1, DeliveryDecision.deliver), (.nothing, 3, .deliver),
        (.begun, 1, .skip), (.begun, 2, .deliverAmbiguous), (.begun, 3, .deliver),
        (.postponed, 1, .skip), (.postponed, 2, .skip), (.postponed, 3, .deliver),
        (.ended, 1, .skip), (.ended, 2, .skip), (.ended, 3, .skip),
    ])
    func `an attempt is decided by what is noted`(
        _ noted: Noted,
        _ attempt: Int,
        _ decision: DeliveryDecision
    ) async throws {
        try await note(noted)
        #expect(try await begin(attempt) == decision)
    }

    @Test func `an attempt that is skipped changes nothing`() async throws {
        try await note(.begun)
        #expect(try await begin(1) == .skip)
        #expect(try await begin(2) == .deliverAmbiguous)
    }

    @Test func `an attempt that is delivered is the one that is noted`() async throws {
        try await note(.postponed)
        #expect(try await begin(3) == .deliver)
        #expect(try await begin(2) == .skip)
        #expect(try await begin(3) == .deliverAmbiguous)
    }

    @Test func `the end is noted once`() async throws {
        _ = try await begin(1)
        #expect(try await finish())
        #expect(try await !finish())
    }

    @Test func `channels and notifications have deliveries of their own`() async throws {
        try await note(.ended)
        #expect(try await begin(1, DeliveryKey(notification: key.notification, channel: .inApp)) == .deliver)
        #expect(try await begin(1, DeliveryKey(notification: UUID(), channel: .webhook)) == .deliver)
    }

    @Test func `what is taken back was never begun`() async throws {
        struct Failed: Error {}
        await #expect(throws: Failed.self) {
            try await bench.database.write { [table, key] transaction in
                _ = try table.begin(key, attempt: 1, now: .now, in: transaction)
                throw Failed()
            }
        }
        #expect(try await begin(1) == .deliver)
    }
}
