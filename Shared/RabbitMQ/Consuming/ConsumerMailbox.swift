import Messaging
import Synchronization

/// Where handlers and callers leave word for a consumer's thread.
///
/// Deliveries hold this and not the link, whose stream holds the deliveries.
final class ConsumerMailbox: Sendable {
    enum Phase: Sendable {
        case consuming
        /// No further deliveries; handlers may still settle theirs.
        case draining
        /// Everything that will be settled is.
        case finished
        case aborted
    }

    struct Settlement: Sendable {
        /// The connection of its delivery: delivery tags are only good on their own.
        var epoch: Int
        var tag: UInt64
        var outcome: PendingDelivery.Outcome
    }

    private struct State {
        var phase = Phase.consuming
        var settlements: [Settlement] = []
        var status = BrokerStatus.Connection.connecting(lastError: nil)
        /// Counts the connections.
        var epoch = 0
        var isConnected = false
        /// The thread sleeps and must be woken to see something new.
        var isAsleep = false
    }

    private let state = Mutex(State())
    private let wakeup = Wakeup()

    // MARK: From outside

    var phase: Phase { state.withLock(\.phase) }
    var status: BrokerStatus.Connection { state.withLock(\.status) }

    /// Goes forward through the phases, never back.
    func advance(to phase: Phase) {
        state.withLock { state in
            switch (state.phase, phase) {
            case (_, .aborted), (.consuming, _), (.draining, .finished): state.phase = phase
            default: break
            }
            state.isAsleep = false
        }
        wakeup.signal()
    }

    func isCurrent(_ epoch: Int) -> Bool {
        state.withLock { $0.isConnected && $0.epoch == epoch }
    }

    /// Leaves a settlement; void if its connection is gone.
    func settle(_ settlement: Settlement) {
        let wakes = state.withLock { state in
            guard state.isConnected, state.epoch == settlement.epoch else { return false }
            state.settlements.append(settlement)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wakes { wakeup.signal() }
    }

    // MARK: From the thread

    /// A connection stands: returns its epoch.
    func connected() -> Int {
        state.withLock { state in
            state.status = .connected
            state.isConnected = true
            state.epoch += 1
            return state.epoch
        }
    }

    /// The connection is gone, or was not to be had: returns whether it stood.
    func disconnected(_ reason: String) -> Bool {
        state.withLock { state in
            defer {
                state.isConnected = false
                state.settlements.removeAll()
                state.status = .connecting(lastError: reason)
            }
            return state.isConnected
        }
    }

    func closed() {
        state.withLock { state in
            state.status = .closed
            state.isConnected = false
        }
    }

    func takeSettlements() -> [Settlement] {
        state.withLock { state in
            defer { state.settlements = [] }
            return state.settlements
        }
    }

    /// Sleeps until something new is left here or the socket becomes readable; not at all if there is something new.
    func sleep(while phase: Phase, alongside socket: Int32, atMost timeout: Duration) {
        let sleeps = state.withLock { state in
            state.isAsleep = state.settlements.isEmpty && state.phase == phase
            return state.isAsleep
        }
        if sleeps { wakeup.wait(alongside: socket, atMost: timeout) }
    }

    /// Sleeps while the phase stays as it is, at most for `duration`.
    func pause(during phase: Phase, for duration: Duration) {
        let end = ContinuousClock.now + duration
        while self.phase == phase, ContinuousClock.now < end { wakeup.wait(atMost: end - .now) }
    }
}
