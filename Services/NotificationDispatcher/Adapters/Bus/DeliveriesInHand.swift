import Messaging
import NotificationDomain
import Synchronization

/// The deliveries that this process works on, so that a message that comes again meanwhile joins in.
final class DeliveriesInHand: Sendable {
    private let running = Mutex<[DeliveryKey: Task<Settlement, Never>]>([:])

    /// Runs `work`, or awaits the run of it that is under way.
    ///
    /// It goes on if the caller is cancelled: cut off half-way it would reach the receiver twice.
    func run(_ key: DeliveryKey, _ work: @escaping @Sendable () async -> Settlement) async -> Settlement {
        let task = running.withLock { running in
            if let task = running[key] { return task }
            let task = Task {
                let settlement = await work()
                self.running.withLock { $0[key] = nil }
                return settlement
            }
            running[key] = task
            return task
        }
        return await task.value
    }
}
