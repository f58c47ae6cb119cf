import Foundation
import MediaDomain
import ObjectStorage
import Synchronization
import Testing

/// Holds puts back until it is told to let them through, and fails as it is told to.
private final class GatedStore: ObjectStore {
    private struct State {
        var keys: [String] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
        var open = false
        var failures: [ObjectStoreError] = []
    }

    private let state: Mutex<State>
    private let arrivals: AsyncStream<String>.Continuation
    /// The keys of puts as they begin.
    let began: AsyncStream<String>

    init(open: Bool, failures: [ObjectStoreError] = []) {
        state = Mutex(State(open: open, failures: failures))
        (began, arrivals) = AsyncStream.makeStream()
    }

    var keys: [String] { state.withLock { $0.keys } }

    func release() {
        let waiting = state.withLock { state in
            state.open = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func put(_ bytes: [UInt8], at key: ObjectKey, _ attributes: ObjectAttributes) async throws(ObjectStoreError) {
        arrivals.yield(key.description)
        await withCheckedContinuation { continuation in
            let open = state.withLock { state in
                if !state.open { state.waiting.append(continuation) }
                return state.open
            }
            if open { continuation.resume() }
        }
        let failure = state.withLock { $0.failures.isEmpty ? nil : $0.failures.removeFirst() }
        if let failure { throw failure }
        state.withLock { $0.keys.append(key.description) }
    }

    func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]? { nil }
    func delete(_ key: ObjectKey) async throws(ObjectStoreError) {}
    func keys(under folder: ObjectKey, limit: Int) async throws(ObjectStoreError) -> [ObjectKey] { [] }
}

@Suite(.timeLimit(.minutes(1)))
struct ArtifactUploaderTests {
    /// Runs blocking work on a thread of its own.
    private func blocking<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: work()) }.start()
        }
    }

    private func bounds(objects: Int) -> ArtifactUploader.Bounds {
        var bounds = ArtifactUploader.Bounds()
        bounds.objects = objects
        bounds.pause = .milliseconds(1)
        return bounds
    }

    @Test func `everything taken is stored when it has settled`() async {
        let store = GatedStore(open: true)
        let uploader = ArtifactUploader(store: store, folder: "m")
        let error = await blocking { () -> MediaError? in
            do throws(MediaError) {
                for number in 1...50 { try uploader.store([1], as: OutputLayout.segment(number)) }
                try uploader.settle()
                return nil
            } catch { return error }
        }
        #expect(error == nil)
        #expect(Set(store.keys) == Set((1...50).map { "m/\(OutputLayout.segment($0))" }))
    }

    @Test func `who brings more than the bound waits`() async {
        let store = GatedStore(open: false)
        let uploader = ArtifactUploader(store: store, folder: "", bounds: bounds(objects: 2))
        let taken = Mutex(0)
        await withTaskGroup(of: Void.self) { group in
            let counted = TakenCount()
            group.addTask {
                await blocking {
                    for number in 1...3 {
                        try? uploader.store([1], as: OutputLayout.segment(number))
                        counted.increment()
                    }
                    try? uploader.settle()
                }
            }
            var began = store.began.makeAsyncIterator()
            _ = await began.next()
            _ = await began.next()
            // Two are on their way and the third cannot have been taken, since neither has finished.
            #expect(counted.value <= 2)
            store.release()
            await group.waitForAll()
            taken.withLock { $0 = counted.value }
        }
        #expect(taken.withLock { $0 } == 3)
        #expect(store.keys.count == 3)
    }

    @Test func `a passing failure is tried again`() async {
        let store = GatedStore(open: true, failures: [ObjectStoreError(.unavailable, "blip")])
        let uploader = ArtifactUploader(store: store, folder: "", bounds: bounds(objects: 2))
        await blocking {
            try? uploader.store([1], as: "a")
            try? uploader.settle()
        }
        #expect(store.keys == ["a"])
    }

    @Test func `a store that takes its time to fail is not tried again`() async {
        let store = GatedStore(open: true, failures: [ObjectStoreError(.unavailable, "hangs")])
        var bounds = bounds(objects: 2)
        bounds.patience = .zero
        let uploader = ArtifactUploader(store: store, folder: "", bounds: bounds)
        let error = await blocking { () -> MediaError? in
            try? uploader.store([1], as: "a")
            do throws(MediaError) { try uploader.settle() } catch { return error }
            return nil
        }
        #expect(error == .init(.storageFailed, "hangs", retryable: true))
        #expect(store.keys.isEmpty)
    }

    @Test(arguments: [ObjectStoreError.Code.full, .accessDenied])
    func `a lasting failure ends it, and nothing more is taken`(code: ObjectStoreError.Code) async {
        let store = GatedStore(open: true, failures: [ObjectStoreError(code, "no")])
        let uploader = ArtifactUploader(store: store, folder: "", bounds: bounds(objects: 2))
        let errors = await blocking { () -> [MediaError] in
            var errors: [MediaError] = []
            try? uploader.store([1], as: "a")
            do throws(MediaError) { try uploader.settle() } catch { errors.append(error) }
            do throws(MediaError) { try uploader.store([1], as: "b") } catch { errors.append(error) }
            return errors
        }
        #expect(errors == [.init(.storageFailed, "no", retryable: true), .init(.storageFailed, "no", retryable: true)])
        #expect(store.keys.isEmpty)
    }
}

private final class TakenCount: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func increment() { count.withLock { $0 += 1 } }
}
