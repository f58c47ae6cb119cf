import Crypto
import EventSchema
import Foundation
package import Logging
import NIOCore
package import RealtimeDomain
package import RealtimeHTTP
import ServiceLifecycle
package import SocketIO
import Synchronization

/// Keeps in the store what it takes to put this process's clients back elsewhere.
///
/// What changes while something is being written is written together; a process that is killed loses what is not written
/// yet, and those clients connect anew.
package final class AbsentClients: SessionVault, Service {
    private struct Change {
        /// `nil` for one that will not come back.
        let client: AbsentClient?
        let turn: Int
    }

    private struct Changes {
        /// What clients are now that is not stored yet.
        var clients: [String: Change] = [:]
        var turn = 0
        /// Users whose clients will not come back.
        var users: Set<String> = []
    }

    /// How often the store is told that the process lives, though nothing changes.
    private static let heartbeat = Duration.seconds(10)
    /// Clients that are written at once.
    private static let lot = 500
    /// From one try to the next while the store takes nothing.
    private static let pause = Duration.seconds(1)

    private let store: any AbsentClientStore
    private let conversations: Conversations
    private let process: String
    private let window: Duration
    private let logger: Logger
    private let changes = Mutex(Changes())
    /// That there is something to write; true for that the process lives.
    private let wakes: AsyncStream<Bool>
    private let waker: AsyncStream<Bool>.Continuation

    /// - Parameters:
    ///   - node: What this node is called among the others.
    ///   - window: How long a client may be away.
    package init(
        store: any AbsentClientStore,
        conversations: Conversations,
        node: String,
        window: Duration,
        logger: Logger
    ) {
        self.store = store
        self.conversations = conversations
        self.window = window
        self.logger = logger
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(2))
        process = "\(node) \(UUID().lowercased)"
    }

    // MARK: Keeping

    package func save(_ session: StoredSession) {
        let key = Self.key(session.pid)
        guard let client = AbsentClient(session, key: key) else { return }
        note(key, client)
    }

    package func remove(_ pid: String) { note(Self.key(pid), nil) }

    private func note(_ key: String, _ client: AbsentClient?) {
        changes.withLock { changes in
            changes.turn += 1
            changes.clients[key] = Change(client: client, turn: changes.turn)
        }
        waker.yield(false)
    }

    /// Lets none of a user's clients come back that are here or anywhere.
    func forget(_ userID: String) {
        changes.withLock { _ = $0.users.insert(userID) }
        waker.yield(false)
    }

    /// What a client shows is not what is stored: who reads the store cannot come back as somebody.
    private static func key(_ pid: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Data(pid.utf8))))
    }

    package func run() async {
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup { group in
                group.addTask { await self.beat() }
                for await isDue in wakes where !Task.isCancelled { await writeAll(isDue) }
                group.cancelAll()
            }
        }
        // What was said last.
        while await write(evenIfNothing: false) {}
    }

    private func beat() async {
        while !Task.isCancelled {
            waker.yield(true)
            try? await Task.sleep(for: Self.heartbeat)
        }
    }

    private func writeAll(_ isDue: Bool) async {
        var isDue = isDue
        while isDue || hasChanges, !Task.isCancelled {
            if await write(evenIfNothing: isDue) { isDue = false } else { try? await Task.sleep(for: Self.pause) }
        }
    }

    private var hasChanges: Bool { changes.withLock { !$0.clients.isEmpty || !$0.users.isEmpty } }

    /// Writes a lot of what has changed; returns whether the store has taken something.
    private func write(evenIfNothing isDue: Bool) async -> Bool {
        let (lot, users) = changes.withLock { (Array($0.clients.prefix(Self.lot)), $0.users) }
        guard isDue || !lot.isEmpty || !users.isEmpty else { return false }
        do {
            for userID in users { try await store.removeAll(of: userID) }
            try await store.note(
                process,
                saving: lot.compactMap(\.value.client),
                removing: lot.filter { $0.value.client == nil }.map(\.key),
                at: .now
            )
        } catch {
            logger.debug("clients could not be kept", metadata: ["error": "\(error)"])
            return false
        }
        changes.withLock { changes in
            // What has changed meanwhile is still to be written.
            for (key, change) in lot where changes.clients[key]?.turn == change.turn { changes.clients[key] = nil }
            changes.users.subtract(users)
        }
        return true
    }

    // MARK: Coming back

    package func load(_ pid: String) async -> StoredSession? {
        let key = Self.key(pid)
        // What is not stored yet holds.
        if let change = changes.withLock({ $0.clients[key] }) {
            note(key, nil)
            return change.client?.session(pid: pid)
        }
        let limit = Timestamp(milliseconds: Timestamp.now.milliseconds - Int64(window / .milliseconds(1)))
        guard let client = try? await store.take(key, aliveSince: limit) else { return nil }
        return client.session(pid: pid)
    }

    package func missed(on topics: [String], after order: UInt64) async -> [TopicEvent]? {
        var missed: [TopicEvent] = []
        for key in topics.compactMap(SocketTopics.conversation) {
            guard let messages = try? await conversations.messages(of: key, newerThan: order) else { return nil }
            missed += messages.flatMap { SocketAudience.topicEvents(.posted($0), in: key) }
        }
        return missed.sorted { ($0.order ?? 0) < ($1.order ?? 0) }
    }
}
