import Synchronization

/// Deliveries on their way from a connection to the handlers.
///
/// It has no bound of its own: a broker hands out no more than the prefetch before something is settled.
package final class DeliveryQueue: Sendable {
    private struct State {
        var deliveries: [PendingDelivery] = []
        var hasEnded = false
        /// Whoever waits in ``next()``.
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    /// Adds deliveries, behind those that are there.
    package func append(_ deliveries: [PendingDelivery]) {
        change { $0.deliveries += deliveries }
    }

    /// Nothing more will come.
    package func finish() {
        change { $0.hasEnded = true }
    }

    /// All that came since the last call, in order, once there is something; `nil` at the end.
    ///
    /// For one task alone.
    func next() async -> [PendingDelivery]? {
        while true {
            let (deliveries, hasEnded) = state.withLock { state in
                defer { state.deliveries = [] }
                return (state.deliveries, state.hasEnded)
            }
            if !deliveries.isEmpty { return deliveries }
            if hasEnded { return nil }
            await untilChanged()
        }
    }

    private func untilChanged() async {
        await withCheckedContinuation { continuation in
            let isLate = state.withLock { state in
                guard state.deliveries.isEmpty, !state.hasEnded else { return true }
                state.waiting = continuation
                return false
            }
            if isLate { continuation.resume() }
        }
    }

    private func change(_ apply: (inout State) -> Void) {
        let waiting = state.withLock { state in
            apply(&state)
            return state.waiting.take()
        }
        waiting?.resume()
    }
}
