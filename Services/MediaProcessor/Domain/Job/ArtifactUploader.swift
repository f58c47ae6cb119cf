import Foundation
package import ObjectStorage

/// Puts finished objects into the store while the next are being made.
///
/// At most ``Bounds/objects`` objects and ``Bounds/bytes`` bytes are on their way; whoever brings more waits. A put that
/// fails is tried again; once one has failed for good, nothing more is taken.
package final class ArtifactUploader: ArtifactStore, @unchecked Sendable {
    /// What may be on its way at once.
    package struct Bounds: Sendable {
        package var objects = 8
        package var bytes = 32 << 20
        /// How often one object is tried, and the seconds between, doubling.
        package var attempts = 4
        package var pause = Duration.milliseconds(250)

        package init() {}
    }

    private let store: any ObjectStore
    private let prefix: String
    private let bounds: Bounds

    // Guarded by `condition`, which is why this class may call itself Sendable.
    private let condition = NSCondition()
    private var objects = 0
    private var bytes = 0
    private var failure: MediaError?

    /// Stores below `folder`, a key without a slash at its end; at the top if it is empty.
    package init(store: any ObjectStore, folder: String, bounds: Bounds = Bounds()) {
        self.store = store
        self.bounds = bounds
        prefix = folder.isEmpty ? "" : "\(folder)/"
    }

    package func store(_ bytes: [UInt8], as name: String) throws(MediaError) {
        guard let key = ObjectKey(prefix + name) else {
            throw MediaError(.storageFailed, "'\(prefix + name)' is no name for an object")
        }
        try admit(bytes.count)
        Task {
            finish(bytes.count, await put(bytes, at: key))
        }
    }

    package func settle() throws(MediaError) {
        condition.lock()
        defer { condition.unlock() }
        while objects > 0 { condition.wait() }
        if let failure { throw failure }
    }

    // MARK: The bound

    private func admit(_ size: Int) throws(MediaError) {
        condition.lock()
        defer { condition.unlock() }
        // One object that is larger than the bound alone still passes, alone.
        while failure == nil, objects > 0, objects >= bounds.objects || bytes + size > bounds.bytes { condition.wait() }
        if let failure { throw failure }
        objects += 1
        bytes += size
    }

    private func finish(_ size: Int, _ error: ObjectStoreError?) {
        condition.lock()
        defer { condition.unlock() }
        objects -= 1
        bytes -= size
        if let error, failure == nil {
            failure = MediaError(.storageFailed, error.message, retryable: true)
        }
        condition.broadcast()
    }

    // MARK: The put

    private func put(_ bytes: [UInt8], at key: ObjectKey) async -> ObjectStoreError? {
        var pause = bounds.pause
        for attempt in 1... {
            do throws(ObjectStoreError) {
                try await store.put(bytes, at: key, .forKey(key))
                return nil
            } catch {
                guard attempt < bounds.attempts, error.code == .unavailable else { return error }
            }
            try? await Task.sleep(for: pause)
            pause *= 2
        }
        return nil
    }
}
