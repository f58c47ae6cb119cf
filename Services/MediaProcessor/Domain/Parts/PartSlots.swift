import Synchronization

/// How many parts of a job may be worked on at once: grows and shrinks while other jobs end and begin.
package final class PartSlots: Sendable {
    private struct State {
        var count: Int
        var tell: @Sendable () -> Void = {}
    }

    private let state: Mutex<State>

    package init(_ count: Int = 1) { state = Mutex(State(count: count)) }

    package var count: Int { state.withLock(\.count) }

    /// Parts beyond the new count are made to their end; no others take their place.
    package func change(to count: Int) {
        let tell = state.withLock { state in
            defer { state.count = count }
            return state.count == count ? {} : state.tell
        }
        tell()
    }

    /// Has `tell` called behind each change from now on, and nobody else.
    package func onChange(_ tell: @escaping @Sendable () -> Void) { state.withLock { $0.tell = tell } }
}
