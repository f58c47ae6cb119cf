import Foundation
import Logging
import Synchronization

/// What the threads of one database share: where it is, what waits, and how it is.
final class PostgresPool: Sendable {
    private struct State {
        var connections = 0
        var problem: String?
        var isReported = false
        var threads = 0
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    let address: PostgresAddress
    let queue = WorkQueue()
    private let state = Mutex(State())
    private let logger: Logger

    init(_ address: PostgresAddress, logger: Logger) {
        self.address = address
        self.logger = logger
    }

    // MARK: Connections

    /// Why there is no connection at all; `nil` if there is one.
    var problem: String? { state.withLock { $0.connections == 0 ? $0.problem ?? "not connected yet" : nil } }

    var connectionCount: Int { state.withLock(\.connections) }

    func connected() {
        let wasReported = state.withLock { state in
            defer { state.isReported = false }
            state.connections += 1
            return state.isReported
        }
        if wasReported { logger.notice("database is back", metadata: metadata(nil)) }
    }

    /// Notes that a connection is gone.
    func lost(_ error: DatabaseError) {
        state.withLock { state in
            state.connections -= 1
            state.problem = error.message
        }
        logger.warning("database connection lost", metadata: metadata(error))
    }

    /// Notes that none came about.
    func failed(_ error: DatabaseError) {
        let isNews = state.withLock { state in
            defer { state.isReported = true }
            state.problem = error.message
            return !state.isReported
        }
        if isNews { logger.error("database cannot be reached", metadata: metadata(error)) }
    }

    private func metadata(_ error: DatabaseError?) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["database.url": "\(address.name)"]
        if let error { metadata["error"] = "\(error.message)" }
        return metadata
    }

    // MARK: Threads

    /// Starts a thread with a connection of its own, which ends when the queue is closed and empty.
    ///
    /// - Parameter connected: Gives the first one's thread a connection to begin with, and tells how that went; without it
    ///   one is made when it is needed.
    func startThread(first connected: (@Sendable (DatabaseError?) -> Void)? = nil) {
        state.withLock { $0.threads += 1 }
        let thread = Thread { [self] in
            PostgresWorker(self, isFirst: connected != nil).run(connected)
            threadEnded()
        }
        thread.name = "postgres"
        thread.start()
    }

    private func threadEnded() {
        let closing = state.withLock { state in
            state.threads -= 1
            guard state.threads == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.closing = [] }
            return state.closing
        }
        for continuation in closing { continuation.resume() }
    }

    /// Waits until all threads have ended.
    func ended() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if state.threads > 0 { state.closing.append(continuation) }
                return state.threads == 0
            }
            if hasEnded { continuation.resume() }
        }
    }
}
