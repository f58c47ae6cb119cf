import Foundation
package import MediaDomain
package import Persistence

/// The parts in a table; see ``PartSchema``.
package struct SQLPartTable: PartTable {
    package init() {}

    package func add(_ part: StoredPart, of lease: JobLease, in transaction: SQLTransaction) throws -> Bool {
        guard try isHeld(lease, transaction) else { return false }
        var told = part.result
        let pixels = [UInt8](told.tiles.pixels)
        told.tiles.pixels = Data()
        let text = String(decoding: try JSONEncoder().encode(told), as: UTF8.self)
        try transaction.execute(
            """
            INSERT INTO media_parts (event_id, part, result, tiles) VALUES ($1, $2, $3, $4)
            ON CONFLICT (event_id, part) DO UPDATE SET result = excluded.result, tiles = excluded.tiles
            """,
            [.uuid(lease.job.eventID), .int(told.plan.index), .text(text), .blob(pixels)]
        )
        try forgetTiles(before: part.tilesFrom, lease, transaction)
        return true
    }

    package func parts(of lease: JobLease, in transaction: SQLTransaction) throws -> [PartResult] {
        let rows = try transaction.query(
            "SELECT result, tiles FROM media_parts WHERE event_id = $1 ORDER BY part",
            [.uuid(lease.job.eventID)]
        )
        // What another version wrote, and nobody can read, is made anew.
        return try rows.compactMap { row in
            guard var part = try? JSONDecoder().decode(PartResult.self, from: Data(row.text(0).utf8)) else {
                return nil
            }
            part.tiles.pixels = row.isNull(1) ? Data() : Data(try row.blob(1))
            return part
        }
    }

    package func remove(of lease: JobLease, in transaction: SQLTransaction) throws {
        try transaction.execute("DELETE FROM media_parts WHERE event_id = $1", [.uuid(lease.job.eventID)])
    }

    private func isHeld(_ lease: JobLease, _ transaction: SQLTransaction) throws -> Bool {
        try !transaction.query(
            "SELECT 1 FROM media_jobs WHERE event_id = $1 AND token = $2 AND state = 'running'",
            [.uuid(lease.job.eventID), .integer(lease.token)]
        ).isEmpty
    }

    /// Their sheets are stored.
    private func forgetTiles(before part: Int, _ lease: JobLease, _ transaction: SQLTransaction) throws {
        try transaction.execute(
            "UPDATE media_parts SET tiles = NULL WHERE event_id = $1 AND part < $2 AND tiles IS NOT NULL",
            [.uuid(lease.job.eventID), .int(part)]
        )
    }
}
