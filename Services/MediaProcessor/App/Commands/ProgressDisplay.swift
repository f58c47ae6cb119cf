import Foundation
import Glibc
import MediaDomain
import Synchronization

/// Shows how far the work is on standard error: one line that changes on a terminal, a line every ten percent elsewhere.
final class ProgressDisplay: Sendable {
    private struct State {
        var meter = ProgressMeter()
        var shownAt: ContinuousClock.Instant?
        var shownTenth = -1
    }

    private static let width = 28

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    func report(_ stage: JobProgress.Stage, _ fraction: Double) {
        let now = ContinuousClock.now
        let line = state.withLock { state in
            let progress = state.meter.advance(stage, fraction: fraction, elapsed: now - start)
            return isTerminal ? Self.live(progress, now, &state) : Self.plain(progress, &state)
        }
        if let line { FileHandle.standardError.write(Data(line.utf8)) }
    }

    /// Clears the line, if there is one.
    func finish() {
        if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }

    private static func live(
        _ progress: JobProgress,
        _ now: ContinuousClock.Instant,
        _ state: inout State
    ) -> String? {
        if let shownAt = state.shownAt, now - shownAt < .milliseconds(100) { return nil }
        state.shownAt = now
        let filled = Int(progress.percent / 100 * Double(width))
        let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled)
        return "\r\u{1B}[K[\(bar)] \(text(progress))"
    }

    private static func plain(_ progress: JobProgress, _ state: inout State) -> String? {
        let tenth = Int(progress.percent / 10)
        guard tenth > state.shownTenth else { return nil }
        state.shownTenth = tenth
        return "\(text(progress))\n"
    }

    private static func text(_ progress: JobProgress) -> String {
        let eta = progress.etaSeconds.map { ", \(clock($0)) left" } ?? ""
        return "\(progress.percent.shown(1)) % \(progress.stage.rawValue)\(eta)"
    }

    /// `2:05`.
    private static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
    }
}
