import Synchronization

/// Which event loops have subscribers of a topic, so that an event hops only to those; and one copy of each topic's name.
final class TopicDirectory: Sendable {
    private struct Entry {
        let topic: String
        /// One bit per loop.
        var loops: UInt64 = 0
    }

    /// One bit each in a word.
    static let maximumLoops = 64

    private let entries = Mutex<[String: Entry]>([:])

    /// Notes that loop `index` has subscribers of `topic`; returns the name to keep.
    func add(_ index: Int, to topic: String) -> String {
        entries.withLock { entries in
            var entry = entries[topic] ?? Entry(topic: topic)
            entry.loops |= 1 << UInt64(index)
            entries[entry.topic] = entry
            return entry.topic
        }
    }

    func remove(_ index: Int, from topic: String) {
        entries.withLock { entries in
            guard var entry = entries[topic] else { return }
            entry.loops &= ~(1 << UInt64(index))
            entries[topic] = entry.loops == 0 ? nil : entry
        }
    }

    /// The loops with subscribers, one bit each.
    func loops(of topic: String) -> UInt64 {
        entries.withLock { $0[topic]?.loops ?? 0 }
    }

    var topicCount: Int { entries.withLock { $0.count } }
}
