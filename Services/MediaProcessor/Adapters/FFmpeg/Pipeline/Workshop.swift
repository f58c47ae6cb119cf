import MediaDomain
import Synchronization

/// The threads of one transcode: the first to fail stops all, and its error is the one that counts.
final class Workshop: Sendable {
    private struct State {
        var failure: MediaError?
        var closers: [@Sendable () -> Void] = []
        var inner: [ObjectIdentifier: Workshop] = [:]
    }

    private let state = Mutex(State())

    var failure: MediaError? { state.withLock(\.failure) }

    /// Has `close` called as soon as anything fails.
    func onFailure(_ close: @escaping @Sendable () -> Void) { state.withLock { $0.closers.append(close) } }

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

    /// Runs `work` in a workshop of its own, which fails when this one does.
    func nested<Value>(_ work: (Workshop) throws(MediaError) -> Value) throws(MediaError) -> Value {
        let inner = Workshop()
        adopt(inner)
        defer { dismiss(inner) }
        if let failure { throw failure }
        return try work(inner)
    }

    /// Has another workshop fail when this one does, from now on or at once.
    func adopt(_ inner: Workshop) {
        let failure = state.withLock { state in
            state.inner[ObjectIdentifier(inner)] = inner
            return state.failure
        }
        if let failure { inner.fail(failure) }
    }

    func dismiss(_ inner: Workshop) { state.withLock { $0.inner[ObjectIdentifier(inner)] = nil } }

    private func attempt(_ work: () throws(MediaError) -> Void) {
        do throws(MediaError) {
            try work()
        } catch {
            fail(error)
        }
    }

    /// Ends all work in it.
    func fail(_ error: MediaError) {
        let (closers, inner) = state.withLock { state in
            if state.failure == nil { state.failure = error }
            return (state.closers, state.inner.values)
        }
        for close in closers { close() }
        for workshop in inner { workshop.fail(error) }
    }
}

/// A part of the pipeline with a thread of its own.
protocol Worker: Sendable {
    /// The thread's: at most 15 characters are seen by tools.
    var name: String { get }

    /// Works until its queue has brought the end, or is closed.
    func run() throws(MediaError)
}
