import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Turns SIGTERM and SIGINT into a drain with an end.
///
/// The first signal takes the process out of service and lets work in hand finish; the second ends the process at once.
struct ShutdownWatch: Sendable {
    private let group: ServiceGroup
    private let drain: Drain
    private let logger: Logger

    init(group: ServiceGroup, drain: Drain, logger: Logger) {
        self.group = group
        self.drain = drain
        self.logger = logger
    }

    /// Signals so close together are one request: a terminal, `timeout` and supervisors signal the process and its group.
    private static let echo = Duration.milliseconds(500)

    /// Watches until cancelled.
    func run(signals: UnixSignalsSequence) async {
        var first: ContinuousClock.Instant?
        for await signal in signals {
            logger.notice("signal", metadata: ["signal.name": "\(signal)"])
            if let first, ContinuousClock.now - first < Self.echo { continue }
            guard !drain.hasBegun else {
                logger.warning("told to stop while draining: ending now")
                exit(1)
            }
            first = ContinuousClock.now
            drain.begin()
            await group.triggerGracefulShutdown()
        }
    }
}
