import EventSchema
import Logging
import Messaging
import MessagingTesting
import Persistence
import PersistenceTesting
import Synchronization

/// The databases on which the durable parts have to hold.
enum TestDatabase: String, CaseIterable, Sendable {
    case sqlite
    case postgres

    /// Where a fresh one is.
    func url() async throws -> DatabaseURL {
        switch self {
        case .sqlite: return .sqlite(path: TestFiles.newPath())
        case .postgres: return try DatabaseURL(try await PrivatePostgres.shared().makeDatabase())
        }
    }
}

/// Keeps what is published, and answers as it is told to.
final class ScriptedPublisher: MessagePublisher {
    private struct State {
        var failures: [MessagingError] = []
        var isHeld = false
        var held: [Completion] = []
    }

    let published = Watched<[(message: Message, destination: Destination)]>([])
    private let state = Mutex(State())

    var bodies: [String] { published.value.map { String(decoding: $0.message.body, as: UTF8.self) } }

    /// The next publishes fail with these, one each.
    func fail(_ failures: MessagingError...) { state.withLock { $0.failures += failures } }

    /// Answers nothing until ``release()``.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for completion in held { completion(.success(())) }
    }

    func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: @escaping Completion
    ) {
        let failure = state.withLock { $0.failures.isEmpty ? nil : $0.failures.removeFirst() }
        if let failure { return completion(.failure(failure)) }
        published.update { $0.append((message, destination)) }
        let isHeld = state.withLock { state in
            if state.isHeld { state.held.append(completion) }
            return state.isHeld
        }
        if !isHeld { completion(.success(())) }
    }
}

/// A database with an inbox and an outbox on it.
struct DurableBench: Sendable {
    let url: DatabaseURL
    let database: any Database
    let publisher: ScriptedPublisher
    let outbox: Outbox
    let inbox: Inbox

    /// - Parameter instance: Another process's name, for tests of what one leaves to the next.
    init(
        _ url: DatabaseURL,
        publisher: ScriptedPublisher = ScriptedPublisher(),
        instance: String = "one",
        capacity: Int = 1000
    ) async throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        database = try await url.open(logger: logger)
        try await database.migrate([MessagingSchema.component])
        self.url = url
        self.publisher = publisher
        outbox = Outbox(
            database: database,
            publisher: publisher,
            service: "test",
            instance: instance,
            capacity: capacity,
            logger: logger
        )
        inbox = Inbox(database: database, outbox: outbox, logger: logger)
    }

    /// Runs `body` while the outbox publishes.
    func whilePublishing(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await outbox.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    func rows(in table: String) async throws -> Int {
        try await database.read { try $0.query("SELECT count(*) FROM \(table)")[0].int(0) }
    }

    /// Adds messages, each in a transaction of its own.
    func add(_ texts: String...) async throws {
        for text in texts {
            try await database.write { [outbox] transaction in
                try outbox.add(Self.message(text), to: .queue("q"), in: transaction)
            }
        }
    }

    static func message(_ text: String) -> Message {
        Message(
            body: Array(text.utf8),
            contentType: "text/plain",
            contentEncoding: "identity",
            messageID: text,
            replyTo: "answers",
            priority: 3,
            headers: ["a": [1, "b"]]
        )
    }
}
