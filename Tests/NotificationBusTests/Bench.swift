import EventSchema
import Foundation
import Logging
import Messaging
import NotificationStore
import Persistence
import ServiceLifecycle

/// What a consumer of the dispatcher stands on: a database in a folder of its own, and a broker that is scripted.
final class Bench: Sendable {
    let broker = ScriptedBroker()
    let database: SQLiteDatabase
    let outbox: Outbox
    let logger: Logger
    private let folder: URL

    init() async throws {
        var logger = Logger(label: "test")
        // What is broken on purpose is no news.
        logger.logLevel = .critical
        self.logger = logger
        folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        database = try SQLiteDatabase(path: folder.appending(path: "test.db").path, logger: logger)
        outbox = Outbox(database: database, publisher: broker, service: "test", instance: "test-1", logger: logger)
        try await database.migrate([MessagingSchema.component, NotificationSchema.component])
    }

    deinit {
        database.close()
        try? FileManager.default.removeItem(at: folder)
    }

    var inbox: Inbox { Inbox(database: database, outbox: outbox, logger: logger) }

    /// Runs `service` and the outbox for the time of `body`; then everything that was committed is published.
    func run(_ service: any Service, _ body: () async throws -> Void) async throws {
        try await withService(outbox) { try await withService(service, body) }
    }
}

/// Runs a service for the time of `body`.
func withService(_ service: any Service, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        try await body()
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// A backend's wish that a user be told something.
func requested(
    _ types: [String],
    to address: String? = nil,
    title: String = "t",
    id: UUID = UUID()
) -> Envelope {
    let payload = NotificationRequested(userID: "u-1", types: types, title: title, body: "b", to: address)
    return Envelope(payload, eventID: id, timestamp: Timestamp(milliseconds: 0), source: "backend")
}
