import EventSchema
import Persistence

/// A message on its way to the broker, and where its row is.
struct OutboxEntry: Sendable {
    let id: OutboxID
    let message: Message
    let destination: Destination
    /// Milliseconds since 1970.
    let createdAt: Int64
    /// How often the broker did not take it.
    var failures = 0
}

/// The key of an outbox row: grows from one message of a process to the next, and no two processes share one.
struct OutboxID: Sendable, Hashable, Comparable {
    private let time: UInt64
    private let process: UInt64

    /// - Parameters:
    ///   - time: Microseconds since 1970, or what follows the last one.
    ///   - process: Drawn once by each process.
    init(time: UInt64, process: UInt64) {
        self.time = time
        self.process = process
    }

    init(_ bytes: [UInt8]) throws(DatabaseError) {
        guard bytes.count == 16 else {
            throw DatabaseError(.mismatch, "an outbox id has \(bytes.count) bytes, expected 16")
        }
        time = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        process = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Big-endian, so that the database sorts ids as we do.
    var value: SQLValue {
        .blob([time, process].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) } })
    }

    static func < (one: OutboxID, other: OutboxID) -> Bool {
        (one.time, one.process) < (other.time, other.process)
    }
}
