import Foundation
import Synchronization

/// Ends a connection whose thread hangs in a write.
///
/// rabbitmq-c waits without a limit for room in the socket's buffer (rabbitmq-c #519), and a broker in distress stops
/// reading. Shutting the socket down from outside makes the write fail.
final class SocketWatch: Sendable {
    private struct State {
        var descriptor: Int32?
        var writingSince: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    func attach(_ descriptor: Int32) {
        state.withLock { $0 = State(descriptor: descriptor) }
    }

    /// Must come before the descriptor is closed, so that never somebody else's socket is shut down.
    func detach() {
        state.withLock { $0 = State() }
    }

    func beginWriting() {
        state.withLock { $0.writingSince = .now }
    }

    func endWriting() {
        state.withLock { $0.writingSince = nil }
    }

    /// Ends the connection if it has been writing for longer than `limit`.
    func interruptIfStuck(longerThan limit: Duration, now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            guard let since = state.writingSince, since + limit < now else { return }
            Self.interrupt(state)
        }
    }

    /// Ends the connection now.
    func interrupt() {
        state.withLock { Self.interrupt($0) }
    }

    private static func interrupt(_ state: State) {
        guard let descriptor = state.descriptor else { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}
