import EventSchema
import Foundation
import Persistence
import RealtimeDomain

/// Messages by the order of their ids.
extension SQLConversationTransaction {
    /// How far the clocks of nodes that write to one conversation may be apart: within it, ids need not ascend with the
    /// seqs.
    private static let skew: UInt64 = 10_000

    func messages(of key: ConversationKey, newerThan order: UInt64, limit: Int) throws -> [StoredMessage] {
        guard order < .max else { return [] }
        let earliest = UUID(first: order - min(order, Self.skew << 16))
        guard let first = try seq(in: key, from: earliest) else { return [] }
        return try messages(
            key,
            "m.seq >= $2 AND m.id >= $3",
            [.integer(first), .uuid(UUID(first: order + 1))],
            "ORDER BY m.seq LIMIT \(limit)"
        )
    }

    /// The seq of the first message whose id is at least `id`; `nil` if there is none.
    ///
    /// Ids ascend with the seqs but for the skew, so that it is found by halving: an index of its own would cost every
    /// message that is stored.
    private func seq(in key: ConversationKey, from id: UUID) throws -> Int64? {
        let last = try lastSeq(of: key)
        var (low, high) = (Int64(1), last + 1)
        while low < high {
            let middle = low + (high - low) / 2
            // Where a deleted conversation had its messages there are none.
            guard let (seq, found) = try message(in: key, from: middle) else {
                high = middle
                continue
            }
            if found.timeOrder < id.timeOrder { low = seq + 1 } else { high = middle }
        }
        return low > last ? nil : low
    }

    private func message(in key: ConversationKey, from seq: Int64) throws -> (seq: Int64, id: UUID)? {
        try transaction.query(
            "SELECT seq, id FROM conversation_messages WHERE conversation = $1 AND seq >= $2 ORDER BY seq LIMIT 1",
            [.text(key.description), .integer(seq)]
        ).first.map { (try $0.integer(0), try $0.uuid(1)) }
    }
}

extension UUID {
    /// The least UUID with these first eight bytes.
    fileprivate init(first order: UInt64) {
        func byte(_ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: order >> shift) }
        self.init(
            uuid: (byte(56), byte(48), byte(40), byte(32), byte(24), byte(16), byte(8), byte(0), 0, 0, 0, 0, 0, 0, 0, 0)
        )
    }
}
