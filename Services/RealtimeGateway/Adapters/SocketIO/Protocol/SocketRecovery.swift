import EventSchema
import NIOCore
import RealtimeHTTP
import Synchronization

/// Clients whose connections were lost, until they come back or their time is over.
final class SocketRecovery: Sendable {
    /// One of them: nobody touches it while it is kept, and who takes it out has it alone, which guards it between loops.
    final class Kept: @unchecked Sendable {
        let id: SocketID
        let namespace: String
        let handler: any SocketHandler
        let journal: SocketJournal
        /// Which connection it was, for events that it was the source of.
        let connection: ObjectIdentifier?

        init(
            id: SocketID,
            namespace: String,
            handler: any SocketHandler,
            journal: SocketJournal,
            connection: ObjectIdentifier?
        ) {
            self.id = id
            self.namespace = namespace
            self.handler = handler
            self.journal = journal
            self.connection = connection
        }
    }

    /// What a client says that comes back.
    struct Claim {
        let pid: String
        let offset: SocketOffset

        /// Reads it out of what a client connects with; `nil` if it does not come back.
        init?(_ auth: ByteBuffer?) {
            guard let auth, let object = try? JSONParser.parse(auth.readableBytesUInt8Span),
                let pid = object["pid"]?.stringValue,
                let offset = object["offset"]?.stringValue.flatMap(SocketOffset.init)
            else { return nil }
            self.pid = pid
            self.offset = offset
        }
    }

    let log: RecoveryLog
    let vault: (any SessionVault)?
    private let limit: Int
    private let kept = Mutex<[String: Kept]>([:])

    /// - Parameter limit: How many may be kept; one more is not.
    init(log: RecoveryLog, limit: Int, vault: (any SessionVault)?) {
        self.log = log
        self.vault = vault
        self.limit = limit
    }

    /// Keeps a client for as long as the log's window; called on its event loop.
    func keep(_ one: Kept, on loop: any EventLoop) {
        let pid = one.journal.pid.text
        let isKept = kept.withLock { kept in
            guard kept.count < limit else { return false }
            kept[pid] = one
            return true
        }
        guard isKept else { return unwatch(one.journal) }
        loop.scheduleTask(in: TimeAmount(log.window)) { [self] in
            if take(one) { unwatch(one.journal) }
        }
    }

    /// Takes out who is late, unless it has come back, and may have been lost once more.
    private func take(_ late: Kept) -> Bool {
        kept.withLock { kept in
            guard kept[late.journal.pid.text] === late else { return false }
            kept[late.journal.pid.text] = nil
            return true
        }
    }

    /// Takes out who comes back; its topics stay watched.
    func take(_ pid: String) -> Kept? { kept.withLock { $0.removeValue(forKey: pid) } }

    /// Ends the keeping of events for a client.
    func unwatch(_ journal: SocketJournal) {
        for topic in journal.topics { log.unwatch(topic.name) }
        journal.topics = []
    }
}
