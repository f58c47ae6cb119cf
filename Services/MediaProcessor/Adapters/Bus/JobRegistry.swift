import Foundation
import Messaging

/// Keeps one job per media: an event that comes again while it is worked on joins that work, and another event of the
/// same media waits for it.
actor JobRegistry {
    private struct Running {
        let eventID: UUID
        let task: Task<Settlement, Never>
    }

    /// How many ended events are remembered.
    private static let memory = 1024

    private var running: [UUID: Running] = [:]
    private var ended: Set<UUID> = []
    /// In the order in which they ended.
    private var order: [UUID] = []

    /// Runs `work`, or awaits the run of it that is under way.
    ///
    /// An event that the broker hands out again (`isRedelivery`) although its end has been announced, because its
    /// acknowledgement was lost, is acknowledged without more ado; one that somebody published anew is worked on. The work goes on if the caller is cancelled: others may have joined it.
    func run(
        eventID: UUID,
        mediaID: UUID,
        isRedelivery: Bool,
        _ work: @escaping @Sendable () async -> Settlement
    ) async -> Settlement {
        while let current = running[mediaID] {
            let settlement = await current.task.value
            if current.eventID == eventID { return settlement }
        }
        if isRedelivery, ended.contains(eventID) { return .acknowledge }
        let task = Task {
            let settlement = await work()
            if settlement == .acknowledge { remember(eventID) }
            // Before anybody hears of the end, so that who waits finds the place free.
            running[mediaID] = nil
            return settlement
        }
        running[mediaID] = Running(eventID: eventID, task: task)
        return await task.value
    }

    private func remember(_ eventID: UUID) {
        guard ended.insert(eventID).inserted else { return }
        order.append(eventID)
        if order.count > Self.memory { ended.remove(order.removeFirst()) }
    }
}
