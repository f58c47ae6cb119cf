import DequeModule

/// Remembers the values that were set last, and forgets the others.
package struct RecentValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value
        var turn: UInt64
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    /// Keys in the order in which they were set; those set again later stand here more than once.
    private var order: Deque<(key: Key, turn: UInt64)> = []
    private var turn: UInt64 = 0

    package init(capacity: Int) {
        self.capacity = capacity
    }

    package subscript(key: Key) -> Value? { entries[key]?.value }

    package var count: Int { entries.count }

    /// Sets a value; returns the one that had to go for it.
    @discardableResult
    package mutating func set(_ key: Key, _ value: Value) -> Value? {
        turn += 1
        entries[key] = Entry(value: value, turn: turn)
        order.append((key, turn))
        var dropped: Value?
        while entries.count > capacity { dropped = dropOldest() }
        // Without this, one key that is set for ever would make the order grow for ever.
        if order.count > 2 * capacity { order.removeAll { entries[$0.key]?.turn != $0.turn } }
        return dropped
    }

    package mutating func remove(_ key: Key) { entries[key] = nil }

    package mutating func removeAll(where isToGo: (Key) -> Bool) {
        for key in entries.keys.filter(isToGo) { entries[key] = nil }
    }

    private mutating func dropOldest() -> Value? {
        guard let oldest = order.popFirst(), entries[oldest.key]?.turn == oldest.turn else { return nil }
        return entries.removeValue(forKey: oldest.key)?.value
    }
}
