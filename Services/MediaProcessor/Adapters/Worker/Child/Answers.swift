import Foundation
import MediaDomain
import ObjectStorage
import Synchronization

/// Writes the child's messages, and progress no oftener than anybody looks.
final class Answers: Sendable {
    /// Between two reports of the same stage.
    private static let interval = Duration.milliseconds(200)

    private struct State {
        var meter = ProgressMeter()
        var last: (stage: JobProgress.Stage, at: ContinuousClock.Instant)?
        var isBroken = false
    }

    private let output: OpenFile
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(to output: OpenFile) {
        self.output = output
    }

    /// Whether the parent no longer listens.
    var isBroken: Bool { state.withLock { $0.isBroken } }

    func send(_ message: WorkerMessage) {
        state.withLock { write(message, &$0) }
    }

    func report(_ stage: JobProgress.Stage, _ fraction: Double) {
        let now = ContinuousClock.now
        state.withLock { state in
            let progress = state.meter.advance(stage, fraction: fraction, elapsed: now - start)
            if let last = state.last, last.stage == stage, now - last.at < Self.interval { return }
            state.last = (stage, now)
            write(.progress(progress), &state)
        }
    }

    /// Tells how many parts are done, with the next report and all after it.
    func count(_ parts: JobProgress.Parts) {
        state.withLock { state in
            state.meter.parts = parts
            state.last = nil
        }
    }

    /// Tells that the media can be watched, at once and with every report from now on.
    func becomePlayable() {
        state.withLock { state in
            state.meter.isPlayable = true
            write(.progress(state.meter.repeated), &state)
        }
    }

    private func write(_ message: WorkerMessage, _ state: inout State) {
        guard let line = try? message.line, output.writeAll(line) else {
            state.isBroken = true
            return
        }
    }
}
