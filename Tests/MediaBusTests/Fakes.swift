import EventSchema
import Foundation
import MediaBus
import MediaDomain
import Messaging
import MessagingTesting
import ObjectStorage
import Synchronization

/// Keeps what is published, and refuses as it is told to.
final class RecordingPublisher: MessagePublisher {
    private struct State {
        var envelopes: [Envelope] = []
        var messages: [Message] = []
        var failures: [MessagingError] = []
    }

    private let state = Mutex(State())
    private let ended = Watched(false)

    /// Waits for an event that is no progress.
    func untilEnds() async throws { try await ended.wait { $0 } }

    func refuse(_ error: MessagingError) { state.withLock { $0.failures.append(error) } }

    func publish(
        _ message: Message,
        to destination: Destination,
        guarantee: PublishGuarantee,
        completion: Completion
    ) {
        let refusal = state.withLock { state in
            guarantee == .confirmed && !state.failures.isEmpty ? state.failures.removeFirst() : nil
        }
        if let refusal { return completion(.failure(refusal)) }
        guard let envelope = try? Envelope(parsing: message.body), envelope.eventType == destination.routingKey else {
            return completion(.failure(MessagingError(.rejected, "no envelope, or under a wrong key")))
        }
        state.withLock { state in
            state.envelopes.append(envelope)
            state.messages.append(message)
        }
        if envelope.eventType != MediaProgress.eventType { ended.update { $0 = true } }
        completion(.success(()))
    }

    var messages: [Message] { state.withLock { $0.messages } }

    var envelopes: [Envelope] { state.withLock { $0.envelopes } }

    /// The types in order, without progress.
    var ends: [String] { envelopes.map(\.eventType).filter { $0 != "media.progress" } }

    func payloads<Payload: EventPayload>(_: Payload.Type = Payload.self) throws -> [Payload] {
        try envelopes.filter { $0.eventType == Payload.eventType }.map { try $0.decode(Payload.self) }
    }
}

/// Answers jobs as it is told to, when it is told to.
final class ScriptedRunner: JobRunner {
    private struct State {
        var jobs: [MediaJob] = []
        var outcomes: [JobOutcome]
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isHeld: Bool
        var drains = 0
        var yielding: [UUID] = []
        var handed: [[PartResult]] = []
    }

    private let state: Mutex<State>
    private let arrivals: AsyncStream<Void>.Continuation
    /// One element for each job that has begun.
    let began: AsyncStream<Void>
    private let reports: [JobProgress]
    private let part: PartResult?

    /// - Parameter outcomes: One after the other; the last is repeated.
    init(
        _ outcomes: [JobOutcome],
        reports: [JobProgress] = [],
        part: PartResult? = nil,
        held: Bool = false
    ) {
        state = Mutex(State(outcomes: outcomes, isHeld: held))
        (began, arrivals) = AsyncStream.makeStream()
        self.reports = reports
        self.part = part
    }

    var jobs: [MediaJob] { state.withLock { $0.jobs } }
    var drains: Int { state.withLock { $0.drains } }
    /// The jobs that were to stop behind a part.
    var yielding: [UUID] { state.withLock { $0.yielding } }

    func run(
        _ job: MediaJob,
        source: MediaSource,
        parts: PartRecord,
        slots: PartSlots,
        mayPublish: @escaping @Sendable () async -> Bool,
        progress: @escaping @Sendable (JobProgress) -> Void
    ) async -> JobOutcome {
        for report in reports { progress(report) }
        state.withLock { $0.handed.append(parts.finished) }
        if let part { await parts.add(StoredPart(result: part, tilesFrom: 0)) }
        state.withLock { $0.jobs.append(job) }
        arrivals.yield()
        await withTaskCancellationHandler {
            await hold()
        } onCancel: {
            release()
        }
        if Task.isCancelled { return .interrupted }
        if case .made = state.withLock({ $0.outcomes[0] }), await !mayPublish() { return .interrupted }
        return state.withLock { $0.outcomes.count > 1 ? $0.outcomes.removeFirst() : $0.outcomes[0] }
    }

    private func hold() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.isHeld { state.waiting.append(continuation) }
                return !state.isHeld
            }
            if goesOn { continuation.resume() }
        }
    }

    /// The finished parts that each job came with.
    var handed: [[PartResult]] { state.withLock { $0.handed } }

    func release() {
        let waiting = state.withLock { state in
            state.isHeld = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func yield(_ eventID: UUID) { state.withLock { $0.yielding.append(eventID) } }

    func drain() {
        state.withLock { $0.drains += 1 }
        release()
    }
}

struct AnySource: SourceOpener {
    func open(_ uri: String) async throws(MediaError) -> MediaSource { .file(OpenFile(owning: -1)) }
}

final class MemoryStore: ObjectStore {
    private let objects = Mutex<[ObjectKey: [UInt8]]>([:])

    func put(_ bytes: [UInt8], at key: ObjectKey, _ attributes: ObjectAttributes) async throws(ObjectStoreError) {
        objects.withLock { $0[key] = bytes }
    }

    func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]? { objects.withLock { $0[key] } }
    func delete(_ key: ObjectKey) async throws(ObjectStoreError) { objects.withLock { $0[key] = nil } }

    func keys(under folder: ObjectKey, limit: Int) async throws(ObjectStoreError) -> [ObjectKey] {
        let all = objects.withLock { $0.keys.filter { $0.description.hasPrefix("\(folder)/") } }
        return Array(all.sorted { $0.description < $1.description }.prefix(limit))
    }
}
