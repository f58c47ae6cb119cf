package import ObjectStorage
import Synchronization

/// Puts finished objects into the store while the next are being made.
///
/// At most ``Bounds/objects`` objects and ``Bounds/bytes`` bytes are on their way; whoever brings more waits. A put that
/// fails is tried again; once one has failed for good, nothing more is taken.
package final class ArtifactUploader: ArtifactStore {
    /// Hears that an object is durable, or why it never will be; called once for each, from any thread.
    package typealias Stored = @Sendable (MediaError?) -> Void

    /// What may be on its way at once.
    package struct Bounds: Sendable {
        package var objects = MediaLimits.unstoredObjects
        package var bytes = MediaLimits.unstoredBytes
        /// How often one object is tried, and the seconds between, doubling.
        package var attempts = 4
        package var pause = Duration.milliseconds(250)
        /// After which an object that failed is not tried again: stores try by themselves, and one that hangs takes its
        /// time for each try.
        package var patience = Duration.seconds(30)

        package init() {}
    }

    private struct Puts {
        var last = 0
        var tasks: [Int: Task<Void, Never>] = [:]
        /// Those that ended before they were noted.
        var ended: Set<Int> = []
        var isAbandoned = false
    }

    private let store: any ObjectStore
    private let prefix: String
    private let bounds: Bounds
    private let window: UploadWindow
    private let puts = Mutex(Puts())

    /// Stores below `folder`, a key without a slash at its end; at the top if it is empty.
    package init(store: any ObjectStore, folder: String, bounds: Bounds = Bounds()) {
        self.store = store
        self.bounds = bounds
        prefix = folder.isEmpty ? "" : "\(folder)/"
        window = UploadWindow(objects: bounds.objects, bytes: bounds.bytes)
    }

    package func store(_ bytes: [UInt8], as name: String) throws(MediaError) {
        try store(bytes, as: name) { _ in }
    }

    /// Takes over `bytes` like ``store(_:as:)``, and tells what became of them.
    package func store(_ bytes: [UInt8], as name: String, then stored: @escaping Stored) throws(MediaError) {
        try perform(on: name, bytes.count, then: stored) { [store] key throws(ObjectStoreError) in
            try await store.put(bytes, at: key, .forKey(key))
        }
    }

    package func remove(_ name: String) throws(MediaError) {
        try remove(name) { _ in }
    }

    /// Takes an object away like ``remove(_:)``, and tells what became of it.
    package func remove(_ name: String, then removed: @escaping Stored) throws(MediaError) {
        try perform(on: name, 0, then: removed) { [store] key throws(ObjectStoreError) in try await store.delete(key) }
    }

    package func settle() throws(MediaError) { try window.settle() }

    /// Takes nothing more and stops what is on its way; it has ended once ``settle()`` returns.
    package func abandon() {
        window.fail(MediaError(.cancelled, "the work was stopped"))
        let tasks = puts.withLock { puts in
            puts.isAbandoned = true
            return Array(puts.tasks.values)
        }
        for task in tasks { task.cancel() }
    }

    // MARK: The work

    private typealias Call = @Sendable (ObjectKey) async throws(ObjectStoreError) -> Void

    private func perform(
        on name: String,
        _ size: Int,
        then done: @escaping Stored,
        _ call: @escaping Call
    ) throws(MediaError) {
        guard let key = ObjectKey(prefix + name) else {
            throw MediaError(.storageFailed, "'\(prefix + name)' is no name for an object")
        }
        let number = try window.enter(size)
        run { [self] in
            let error = await attempt(call, key).map { MediaError(.storageFailed, $0.message, retryable: true) }
            window.leave(number, size, error)
            done(error)
        }
    }

    /// Runs `work` in a task that ``abandon()`` cancels.
    private func run(_ work: @escaping @Sendable () async -> Void) {
        let number = puts.withLock { puts in
            puts.last += 1
            return puts.last
        }
        let task = Task {
            await work()
            puts.withLock { puts in
                if puts.tasks.removeValue(forKey: number) == nil { puts.ended.insert(number) }
            }
        }
        let isAbandoned = puts.withLock { puts in
            if puts.ended.remove(number) == nil { puts.tasks[number] = task }
            return puts.isAbandoned
        }
        if isAbandoned { task.cancel() }
    }

    private func attempt(_ call: Call, _ key: ObjectKey) async -> ObjectStoreError? {
        var pause = bounds.pause
        let start = ContinuousClock.now
        for attempt in 1... {
            do throws(ObjectStoreError) {
                try await call(key)
                return nil
            } catch {
                guard attempt < bounds.attempts, ContinuousClock.now - start < bounds.patience,
                    error.code == .unavailable, !Task.isCancelled
                else { return error }
            }
            try? await Task.sleep(for: pause)
            pause *= 2
        }
        return nil
    }
}
