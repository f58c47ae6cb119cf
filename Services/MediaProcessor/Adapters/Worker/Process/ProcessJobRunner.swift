import EventSchema
package import Foundation
import Glibc
package import Logging
package import MediaDomain
package import ObjectStorage
import Synchronization

/// Runs each job in a process of its own, so that whatever a file does to a decoder, the service goes on.
package final class ProcessJobRunner: JobRunner {
    /// Hears what each job has used: seconds of processor time.
    package typealias Usage = @Sendable (Double) -> Void
    /// Hears once what keeps the children of this machine from doing anything but their work.
    package typealias Confined = @Sendable (Confinement) -> Void

    private struct State {
        var running: [ObjectIdentifier: (process: WorkerProcess, eventID: UUID)] = [:]
        var isDraining = false
        var isConfinementTold = false
    }

    private let program: ChildProcess.Program
    private let store: any ObjectStore
    private let limits: WorkerLimits
    /// How long running jobs may take once the service stops.
    private let drainTime: Duration
    private let logger: Logger
    private let usage: Usage
    private let confined: Confined
    private let state = Mutex(State())

    /// - Parameters:
    ///   - executable: What to start with `arguments`; it has to call ``Worker/main(transcoder:)``.
    ///   - environment: All that the child gets of it.
    ///   - store: Where results go; the child itself reaches nothing.
    package init(
        executable: String,
        arguments: [String],
        environment: [String: String],
        store: any ObjectStore,
        limits: WorkerLimits,
        drainTime: Duration,
        logger: Logger,
        usage: @escaping Usage = { _ in },
        confined: @escaping Confined = { _ in }
    ) {
        program = ChildProcess.Program(executable: executable, arguments: arguments, environment: environment)
        self.store = store
        self.limits = limits
        self.drainTime = drainTime
        self.logger = logger
        self.usage = usage
        self.confined = confined
    }

    package func run(
        _ job: MediaJob,
        source: MediaSource,
        parts: PartRecord,
        slots: PartSlots,
        mayPublish: @escaping @Sendable () async -> Bool,
        progress: @escaping @Sendable (JobProgress) -> Void
    ) async -> JobOutcome {
        let order = WorkerOrder(
            job: job,
            source: WorkerOrder.Source(source),
            parent: getpid(),
            limits: limits,
            slots: slots.count,
            finished: parts.finished
        )
        guard let text = try? JSONEncoder().encode(order) else {
            return .failed(MediaError(.crashed, "the job has no JSON"))
        }
        var program = program
        program.environment.merge(TraceEnvironment.current) { _, ours in ours }
        let process = WorkerProcess(program)
        guard admit(process, job) else { return .interrupted }
        defer { dismiss(process) }
        let limits = limits
        let notes = PartNotes(parts) { process.tell(WorkerCommandLine.noted) }
        let tellSlots: @Sendable () -> Void = { process.tell(WorkerCommandLine.slots(slots.count)) }
        slots.onChange(tellSlots)
        let uploader = ArtifactUploader(store: store, folder: job.mediaID.lowercased)
        let (exit, last) = await withTaskCancellationHandler {
            await DedicatedThread.run(named: "worker") {
                var last: WorkerMessage?
                let exit = process.run(
                    Array(text),
                    limits: limits,
                    source: source,
                    uploader: uploader
                ) { message in
                    switch message {
                    case .confined(let confinement):
                        // What came before the child had an ear.
                        tellSlots()
                        return self.tell(confinement)
                    case .beat: return
                    case .progress(let report): progress(report)
                    case .stored: Task { await Self.decide(process, mayPublish) }
                    case .partDone(let part): notes.add(part)
                    case .probed, .made, .failed, .yielded: break
                    }
                    last = message
                }
                return (exit, last)
            }
        } onCancel: {
            process.drain(until: .now)
        }
        await notes.finish()
        usage(exit.processorTime)
        return outcome(of: job, exit, last)
    }

    /// Lets a child publish, or ends it.
    private static func decide(_ process: WorkerProcess, _ mayPublish: @Sendable () async -> Bool) async {
        if await mayPublish() { process.tell(WorkerCommandLine.publish) } else { process.drain(until: .now) }
    }

    package func drain() {
        let deadline = ContinuousClock.now + drainTime
        let running = state.withLock { state in
            state.isDraining = true
            return state.running.values.map(\.process)
        }
        for process in running { process.drain(until: deadline) }
    }

    package func yield(_ eventID: UUID) {
        let meant = state.withLock { $0.running.values.filter { $0.eventID == eventID } }
        for running in meant { running.process.tell(WorkerCommandLine.yield) }
    }

    /// Every child says it, and all of one machine say the same.
    private func tell(_ confinement: Confinement) {
        let isFirst = state.withLock { state in
            defer { state.isConfinementTold = true }
            return !state.isConfinementTold
        }
        if isFirst { confined(confinement) }
    }

    // MARK: Admission

    private func admit(_ process: WorkerProcess, _ job: MediaJob) -> Bool {
        state.withLock { state in
            guard !state.isDraining else { return false }
            state.running[ObjectIdentifier(process)] = (process, job.eventID)
            return true
        }
    }

    private func dismiss(_ process: WorkerProcess) {
        state.withLock { $0.running[ObjectIdentifier(process)] = nil }
    }

    // MARK: Outcome

    /// A child that has said how it ended is believed, however its process ended after that: what it made is stored.
    private func outcome(of job: MediaJob, _ exit: WorkerExit, _ last: WorkerMessage?) -> JobOutcome {
        switch last {
        case .made(let asset): return exit.storeFailure.map { .failed($0) } ?? .made(asset)
        case .yielded: return exit.storeFailure.map { .failed($0) } ?? .yielded
        case .failed(let error): return .failed(error)
        case .progress(let report): return unfinished(job, exit, while: report.stage.rawValue)
        case .partDone: return unfinished(job, exit, while: JobProgress.Stage.transcoding.rawValue)
        case .stored: return unfinished(job, exit, while: JobProgress.Stage.publishing.rawValue)
        case .probed, .confined, .beat, nil:
            return unfinished(job, exit, while: JobProgress.Stage.probing.rawValue)
        }
    }

    private func unfinished(_ job: MediaJob, _ exit: WorkerExit, while stage: String) -> JobOutcome {
        if exit.cause == .drained { return .interrupted }
        let error = MediaError(exit, while: stage, limits)
        logger.warning(
            "worker ended without a result",
            metadata: [
                "media.id": "\(job.mediaID.lowercased)", "event.id": "\(job.eventID.lowercased)",
                "job.stage": "\(stage)", "worker.status": "\(exit.status)", "job.reason": "\(error.reason.rawValue)",
                "worker.stderr": "\(exit.errorTail)",
            ]
        )
        return exit.wasKilled ? .killed(error) : .failed(error)
    }
}

extension WorkerOrder.Source {
    fileprivate init(_ source: MediaSource) {
        switch source {
        case .file: self = .file
        case .remote(let bytes): self = .channel(size: bytes.size)
        }
    }
}

extension MediaError {
    fileprivate init(_ exit: WorkerExit, while stage: String, _ limits: WorkerLimits) {
        switch exit.cause {
        case .stalled:
            self.init(.timedOut, "the work stood still for \(Int(limits.stall)) s while \(stage)", retryable: true)
        case .overtime:
            self.init(.timedOut, "the work took longer than this media may take, while \(stage)", retryable: true)
        case .garbage:
            self.init(.crashed, "the worker process answered nonsense while \(stage)", retryable: true)
        case .refused(let error): self = error
        case nil where exit.status == .signalled(SIGXCPU):
            self.init(
                .timedOut,
                "the work took more processor time than this media may, while \(stage)",
                retryable: true
            )
        case .drained, nil:
            self.init(.crashed, "the worker process died while \(stage): \(exit.status)", retryable: true)
        }
    }
}
