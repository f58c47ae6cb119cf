import ObjectStorage
import Synchronization

/// Keeps objects in memory, fails where it is told to, and counts how many puts are under way at once.
final class RecordingStore: ObjectStore {
    private struct State {
        var objects: [String: [UInt8]] = [:]
        var underWay = 0
        var most = 0
    }

    private let state = Mutex(State())
    private let pause: Duration
    private let failure: (@Sendable (ObjectKey) -> ObjectStoreError?)?

    /// - Parameter pause: How long a put takes.
    init(pause: Duration = .zero, failure: (@Sendable (ObjectKey) -> ObjectStoreError?)? = nil) {
        self.pause = pause
        self.failure = failure
    }

    var objects: [String: [UInt8]] { state.withLock { $0.objects } }
    var mostAtOnce: Int { state.withLock { $0.most } }
    var underWay: Int { state.withLock { $0.underWay } }

    func put(_ bytes: [UInt8], at key: ObjectKey, _ attributes: ObjectAttributes) async throws(ObjectStoreError) {
        state.withLock { state in
            state.underWay += 1
            state.most = max(state.most, state.underWay)
        }
        defer { state.withLock { $0.underWay -= 1 } }
        if let error = failure?(key) { throw error }
        do { try await Task.sleep(for: pause) } catch { throw ObjectStoreError(.unavailable, "cancelled") }
        state.withLock { $0.objects[key.description] = bytes }
    }

    func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]? { objects[key.description] }

    func delete(_ key: ObjectKey) async throws(ObjectStoreError) {
        state.withLock { $0.objects[key.description] = nil }
    }

    func keys(under folder: ObjectKey, limit: Int) async throws(ObjectStoreError) -> [ObjectKey] {
        Array(objects.keys.sorted().filter { $0.hasPrefix("\(folder)/") }.compactMap(ObjectKey.init).prefix(limit))
    }
}
