import Crypto
package import EventSchema
package import Messaging
package import Persistence
package import RealtimeDomain

/// Takes events over HTTP into the outbox: answered once they are committed, published as soon as the broker takes them.
package struct OutboxIngest: EventIngest {
    private let database: any Database
    private let outbox: Outbox

    package init(database: any Database, outbox: Outbox) {
        self.database = database
        self.outbox = outbox
    }

    package func accept(
        _ envelope: Envelope,
        key: String?,
        request: [UInt8],
        trace: TraceHeaders
    ) async throws(IngestError) -> IngestReceipt {
        guard outbox.hasRoom else { throw .busy("too many events wait for the broker") }
        let key = key.map { "key:\($0)" } ?? "event:\(envelope.eventID.lowercased)"
        let digest = Array(SHA256.hash(data: request).prefix(16))
        let trace = TraceContext(traceParent: trace.traceParent, traceState: trace.traceState)
        do {
            let receipt = try await database.write { [outbox] transaction in
                guard try Self.note(key, digest, envelope, in: transaction) else {
                    return try Self.earlier(key, digest, in: transaction)
                }
                try outbox.add(envelope, trace: trace, in: transaction)
                return IngestReceipt(eventID: envelope.eventID.lowercased, isRepeated: false)
            }
            failpoint(.ingestedBeforeAnswer)
            return receipt
        } catch let error as IngestError {
            throw error
        } catch {
            throw .busy("the event could not be stored: \(error)")
        }
    }

    // MARK: The table

    /// Notes a request; false if it was.
    private static func note(
        _ key: String,
        _ digest: [UInt8],
        _ envelope: Envelope,
        in transaction: SQLTransaction
    ) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO idempotency_keys (key, digest, response, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING
            """,
            [
                .text(key), .blob(digest), .text(envelope.eventID.lowercased),
                .integer(Timestamp.now.milliseconds),
            ]
        ) == 1
    }

    private static func earlier(
        _ key: String,
        _ digest: [UInt8],
        in transaction: SQLTransaction
    ) throws -> IngestReceipt {
        let rows = try transaction.query("SELECT digest, response FROM idempotency_keys WHERE key = $1", [.text(key)])
        guard let row = rows.first else { throw IngestError.busy("the request is being forgotten: send it again") }
        guard try row.blob(0) == digest else { throw IngestError.keyReused }
        return IngestReceipt(eventID: try row.text(1), isRepeated: true)
    }
}
