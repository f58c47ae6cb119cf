import MediaDomain
import Synchronization

/// The threads of one transcode: the first to fail stops all, and its error is the one that counts.
final class Workshop: Sendable {
    private struct State {
        var failure: MediaError?
        var closers: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    var failure: MediaError? { state.withLock(\.failure) }

    /// A queue that is closed as soon as anything fails.
    func makeQueue<Element: Sendable>(of _: Element.Type = Element.self, bound: Int) -> BoundedQueue<Element> {
        let queue = BoundedQueue<Element>(bound: bound)
        state.withLock { $0.closers.append { queue.close() } }
        return queue
    }

    /// Runs `feed` here and each of `workers` on a thread of its own, until all have ended.
    ///
    /// - Throws: the first failure of any of them.
    func run(_ workers: [any Worker], feed: () throws(MediaError) -> Void) throws(MediaError) {
        let threads = workers.map { worker in
            WorkerThread(named: worker.name) { self.attempt { () throws(MediaError) in try worker.run() } }
        }
        attempt(feed)
        for thread in threads { thread.join() }
        if let failure { throw failure }
    }

    private func attempt(_ work: () throws(MediaError) -> Void) {
        do throws(MediaError) {
            try work()
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: MediaError) {
        let closers = state.withLock { state in
            if state.failure == nil { state.failure = error }
            return state.closers
        }
        for close in closers { close() }
    }
}

/// A part of the pipeline with a thread of its own.
protocol Worker: Sendable {
    /// The thread's: at most 15 characters are seen by tools.
    var name: String { get }

    /// Works until its queue has brought the end, or is closed.
    func run() throws(MediaError)
}
