import Foundation
import Synchronization

/// The jobs that this process works on, each of which can be told to stop.
package final class RunningJobs: Sendable {
    private let stops = Mutex<[UUID: AsyncStream<Void>.Continuation]>([:])

    package init() {}

    /// Notes that a job is worked on; the stream tells when it is to stop.
    func add(_ eventID: UUID) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        stops.withLock { $0[eventID] = continuation }
        return stream
    }

    func remove(_ eventID: UUID) { stops.withLock { $0[eventID] = nil } }

    /// Stops those of `events` that are worked on here.
    func stop(_ events: Set<UUID>) {
        let stops = stops.withLock { stops in events.compactMap { stops[$0] } }
        for stop in stops { stop.yield() }
    }
}
