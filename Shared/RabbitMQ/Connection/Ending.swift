import Foundation
import Messaging
import Synchronization

/// The end of a thread, for one task to wait for.
final class Ending: Sendable {
    private enum State {
        case running
        case awaited(CheckedContinuation<MessagingError?, Never>)
        case ended(MessagingError?)
    }

    private let state = Mutex(State.running)

    /// Notes the end, with the error that caused it.
    func end(_ error: MessagingError?) {
        let waiting = state.withLock { state -> CheckedContinuation<MessagingError?, Never>? in
            defer { state = .ended(error) }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(returning: error)
    }

    /// Returns at the end, or throws what caused it.
    func wait() async throws(MessagingError) {
        let error = await withCheckedContinuation { continuation in
            let ended = state.withLock { state -> MessagingError?? in
                if case .ended(let error) = state { return .some(error) }
                state = .awaited(continuation)
                return nil
            }
            if let ended { continuation.resume(returning: ended) }
        }
        if let error { throw error }
    }
}

extension Thread {
    /// Runs `body` on a new thread.
    static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.start()
    }
}
