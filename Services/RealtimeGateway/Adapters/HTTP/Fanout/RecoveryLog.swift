import DequeModule
import NIOCore
import Synchronization

/// The events of the last minutes on topics that somebody watches who may come back for them.
///
/// It gives each event its position while it hands it to the event loops, so that all of them deliver in that order. It is
/// bounded by age and by bytes: who was away for longer, or for more, is not told part of it but all anew.
package final class RecoveryLog: Sendable {
    private struct Topic {
        var watchers = 0
        var events: Deque<TopicEvent> = []
        /// Events up to here are not there any more.
        var lostThrough = EventPosition.zero
    }

    private struct Record {
        let topic: String
        let position: EventPosition
        let bytes: Int
        let time: NIODeadline
    }

    private struct State {
        var topics: [String: Topic] = [:]
        /// All events of all topics, the oldest first; those of topics that nobody watches any more included.
        var records: Deque<Record> = []
        var bytes = 0
        var last = EventPosition.zero
    }

    /// What an event costs besides its payload, roughly.
    private static let overhead = 256

    /// How long a client may be away.
    package let window: Duration
    private let age: TimeAmount
    private let byteLimit: Int
    private let topicCount = Atomic<Int>(0)
    private let hasBeenWatched = Atomic<Bool>(false)
    private let state: Mutex<State>

    /// - Parameters:
    ///   - window: How long a client may be away: 2 minutes, as in Socket.IO 4.
    ///   - bytes: What all events together may take.
    ///   - order: What positions begin at: the order of the last event that is stored, so that they ascend over restarts.
    package init(window: Duration = .seconds(120), bytes: Int = 16 << 20, after order: UInt64 = 0) {
        state = Mutex(State(last: EventPosition(major: order, minor: 0)))
        self.window = window
        age = TimeAmount(window)
        byteLimit = bytes
    }

    /// Whether events are to be handed to every loop in the same way, so that they keep their order: since any topic was
    /// watched, for good, because some of them may be on their way yet.
    var isActive: Bool { hasBeenWatched.load(ordering: .acquiring) }

    /// The position of the last event.
    package var last: EventPosition { state.withLock(\.last) }

    /// Keeps the events of `topic` from now on, until ``unwatch(_:)`` has been called as often.
    package func watch(_ topic: String) {
        state.withLock { state in
            if state.topics[topic] == nil {
                state.topics[topic] = Topic(lostThrough: state.last)
                topicCount.add(1, ordering: .releasing)
                hasBeenWatched.store(true, ordering: .releasing)
            }
            state.topics[topic]?.watchers += 1
        }
    }

    func isWatched(_ topic: String) -> Bool { isActive && state.withLock { $0.topics[topic] != nil } }

    package func unwatch(_ topic: String) {
        state.withLock { state in
            guard let watchers = state.topics[topic]?.watchers else { return }
            state.topics[topic]?.watchers = watchers - 1
            guard watchers == 1 else { return }
            state.topics[topic] = nil
            topicCount.subtract(1, ordering: .releasing)
        }
    }

    /// Has `hand` give an event to the loops, with its position if it can be recovered: then one caller at a time.
    func publish(_ event: TopicEvent, at now: NIODeadline = .now(), _ hand: (TopicEvent) -> Void) {
        let isWatched = event.policy == .mustArrive && topicCount.load(ordering: .acquiring) > 0
        let isPlaced = isWatched && place(event, now, hand)
        if !isPlaced { hand(event) }
    }

    private func place(_ event: TopicEvent, _ now: NIODeadline, _ hand: (TopicEvent) -> Void) -> Bool {
        state.withLock { state in
            guard state.topics[event.topic] != nil else { return false }
            state.last = state.last.next(event.order)
            let placed = TopicEvent(event, at: state.last)
            let size = Self.overhead + placed.contentBytes
            state.topics[event.topic]?.events.append(placed)
            state.records.append(Record(topic: event.topic, position: state.last, bytes: size, time: now))
            state.bytes += size
            trim(&state, now)
            hand(placed)
            return true
        }
    }

    /// Lets go of what is too old or too much.
    private func trim(_ state: inout State, _ now: NIODeadline) {
        while let oldest = state.records.first, state.bytes > byteLimit || now - oldest.time > age {
            state.records.removeFirst()
            state.bytes -= oldest.bytes
            guard state.topics[oldest.topic]?.events.first?.position == oldest.position else { continue }
            state.topics[oldest.topic]?.events.removeFirst()
            state.topics[oldest.topic]?.lostThrough = oldest.position
        }
    }

    /// What a client has missed.
    ///
    /// - Parameters:
    ///   - topics: Which it was on, and since when.
    ///   - position: The last event that it got.
    /// - Returns: The events, in their order, up to the last of now; `nil` if they are not all there.
    package func missed(
        on topics: [(name: String, since: EventPosition)],
        after position: EventPosition
    ) -> (events: [TopicEvent], through: EventPosition)? {
        state.withLock { state in
            trim(&state, .now())
            guard position <= state.last else { return nil }
            var missed: [TopicEvent] = []
            for (name, since) in topics {
                let start = max(position, since)
                guard let topic = state.topics[name], topic.lostThrough <= start else { return nil }
                // Few have been missed of many that are there.
                missed += topic.events.reversed().prefix { ($0.position ?? .zero) > start }
            }
            return (missed.sorted { ($0.position ?? .zero) < ($1.position ?? .zero) }, state.last)
        }
    }
}
