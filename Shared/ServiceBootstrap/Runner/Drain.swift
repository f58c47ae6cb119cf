import Dispatch
import Foundation
import Logging

/// The time between taking the process out of service and its end.
struct Drain: Sendable {
    private let health: HealthRegistry
    /// How long work in hand may take.
    let limit: Duration
    private let logger: Logger

    /// What a service that was cancelled gets for cleaning up, before it is left behind.
    private static let grace: TimeInterval = 5

    init(health: HealthRegistry, limit: Duration, logger: Logger) {
        self.health = health
        self.limit = limit
        self.logger = logger
    }

    var hasBegun: Bool { health.isDraining }

    /// Makes the process not ready and starts the clock; once.
    func begin() {
        guard !health.isDraining else { return }
        health.beginDraining()
        logger.notice("draining", metadata: ["drain.seconds": "\(limit / .seconds(1))"])
        DispatchQueue.global().asyncAfter(deadline: .now() + limit / .seconds(1) + Self.grace) {
            logger.error("drain exceeded its time: ending now")
            exit(1)
        }
    }
}
