import Foundation
import Glibc
import Logging
import MediaDomain
import MediaWorker
import ObjectStorage
import ServiceBootstrap
import Synchronization
import Testing
import Tracing

/// Runs real children: shell scripts that speak, or fail to speak, as a worker does.
@Suite(.timeLimit(.minutes(1)))
struct ProcessJobRunnerTests {
    private let folder: TemporaryFolder
    private let job = MediaJob(
        eventID: UUID(),
        mediaID: UUID(),
        sourceURI: "/a.mp4",
        settings: TranscodeSettings()
    )

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("source", to: "source.mp4")
    }

    private func runner(
        _ script: String,
        limits: WorkerLimits = WorkerLimits(),
        drainTime: Duration = .seconds(30),
        usage: @escaping ProcessJobRunner.Usage = { _ in }
    ) -> ProcessJobRunner {
        ProcessJobRunner(
            executable: "/bin/sh",
            arguments: ["-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
            store: RecordingStore(),
            limits: limits,
            drainTime: drainTime,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            usage: usage
        )
    }

    private func run(
        _ runner: ProcessJobRunner,
        progress: @escaping @Sendable (JobProgress) -> Void = { _ in }
    ) async throws -> JobOutcome {
        let source = try FileTree(root: folder.path).openFile(["source.mp4"])
        return await runner.run(
            job,
            source: .file(source),
            parts: PartRecord(),
            slots: PartSlots(),
            mayPublish: { true },
            progress: progress
        )
    }

    /// A line of progress, as a child writes it.
    private static let progressLine = #"{"progress":{"_0":{"stage":"transcoding","percent":42.5}}}"#
    private static let failedLine = #"{"failed":{"_0":{"reason":"not_media","message":"no","retryable":false}}}"#

    private func reason(of outcome: JobOutcome) -> MediaError.Reason? {
        if case .failed(let error) = outcome { error.reason } else { nil }
    }

    @Test func `a child's own answer is the outcome`() async throws {
        let outcome = try await run(runner("echo '\(Self.failedLine)'"))
        #expect(outcome == .failed(MediaError(.notMedia, "no")))
    }

    @Test func `progress arrives as the child tells it`() async throws {
        let seen = Mutex<[JobProgress]>([])
        _ = try await run(runner("echo '\(Self.progressLine)'; echo '\(Self.failedLine)'")) { report in
            seen.withLock { $0.append(report) }
        }
        #expect(seen.withLock { $0 } == [JobProgress(stage: .transcoding, percent: 42.5)])
    }

    @Test(arguments: [
        ("kill -ABRT $$", "signal 6"), ("kill -SEGV $$", "signal 11"),
        ("exit 3", "it exited with 3"), ("exit 0", "it exited with 0"),
    ])
    func `a child that dies without an answer has crashed, and the message says how`(
        script: String,
        words: String
    ) async throws {
        let outcome = try await run(runner("echo '\(Self.progressLine)'; \(script)"))
        guard case .failed(let error) = outcome else {
            Issue.record("expected a failure, got \(outcome)")
            return
        }
        #expect(error.reason == .crashed)
        #expect(error.message.contains("while transcoding") && error.message.contains(words))
    }

    @Test func `an answer that was complete before the crash counts`() async throws {
        let outcome = try await run(runner("echo '\(Self.failedLine)'; kill -ABRT $$"))
        #expect(outcome == .failed(MediaError(.notMedia, "no")))
    }

    @Test(arguments: ["echo nonsense", "echo '{\"made\":{}}'", "head -c 70000000 /dev/zero"])
    func `nonsense is a crash, and the child is not waited for`(script: String) async throws {
        let outcome = try await run(runner("\(script); exec sleep 600"))
        #expect(reason(of: outcome) == .crashed)
    }

    @Test func `a program that is not there is a crash`() async throws {
        let runner = ProcessJobRunner(
            executable: "/no/such/program",
            arguments: [],
            environment: [:],
            store: RecordingStore(),
            limits: WorkerLimits(),
            drainTime: .seconds(1),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        #expect(reason(of: try await run(runner)) == .crashed)
    }

    @Test func `a child that says nothing is killed`() async throws {
        let outcome = try await run(runner("exec sleep 600", limits: WorkerLimits(stall: 0.3)))
        #expect(reason(of: outcome) == .timedOut)
    }

    @Test func `a child that works for longer than its media may is killed, though it speaks`() async throws {
        let script = "while :; do echo '\(Self.progressLine)'; sleep 0.1; done"
        let outcome = try await run(runner(script, limits: WorkerLimits(stall: 60, baseTime: 1)))
        #expect(reason(of: outcome) == .timedOut)
    }

    @Test func `a long media has more time`() async throws {
        let probed = #"{"probed":{"_0":{"container":"mp4","size":1,"duration":3600,"audio":[]}}}"#
        let script = "echo '\(probed)'; sleep 1; echo '\(Self.failedLine)'"
        let outcome = try await run(runner(script, limits: WorkerLimits(stall: 60, baseTime: 0.8)))
        #expect(reason(of: outcome) == .notMedia)
    }

    @Test func `no media has more than the longest time`() async throws {
        let probed = #"{"probed":{"_0":{"container":"mp4","size":1,"duration":1000000}}}"#
        let limits = WorkerLimits(stall: 60, baseTime: 0.5, maximumTime: 1)
        #expect(reason(of: try await run(runner("echo '\(probed)'; exec sleep 600", limits: limits))) == .timedOut)
    }

    @Test func `a child that used up its processor time has timed out`() async throws {
        #expect(reason(of: try await run(runner("kill -XCPU $$"))) == .timedOut)
    }

    @Test func `the child reads the source that was opened, and its order, and nothing else of ours`() async throws {
        // The folder's own descriptor stays open meanwhile: it must not be inherited.
        let open = try FileTree(root: folder.path).openFolder([String]())
        let script = """
            cat /dev/fd/3 > \(folder.path)/copy; head -n 1 > \(folder.path)/order
            ls -l /proc/$$/fd > \(folder.path)/descriptors; env > \(folder.path)/environment
            echo '\(Self.failedLine)'
            """
        setenv("MARTLET_TEST_SECRET", "x", 1)
        _ = try await run(runner(script))
        #expect(open.descriptor > 2)
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
        }
        #expect(try text("copy") == "source")
        #expect(try text("order").contains(job.mediaID.uuidString))
        #expect(try text("descriptors").contains("/source.mp4\n"))
        #expect(try !text("descriptors").contains("-> \(folder.path)\n"))
        #expect(try !text("environment").contains("MARTLET_TEST_SECRET"))
    }

    @Test func `the child finds its job's trace in its environment`() async throws {
        let script = "env > \(folder.path)/environment; echo '\(Self.failedLine)'"
        let span = try await withTracer(ServiceTracer()) {
            try await withSpan("job") { span in
                _ = try await run(runner(script))
                return span.context.span
            }
        }
        let text = try String(contentsOfFile: "\(folder.path)/environment", encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        let environment = Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { one, _ in one }
        #expect(environment["TRACEPARENT"] == span?.traceParent.description)
        #expect(environment["TRACESTATE"] == nil)
        let read = TraceEnvironment.context(in: environment, read: ServiceTracer()).span
        #expect(read?.traceParent == span?.traceParent)
        #expect(read?.logMetadata["trace_id"] == span?.logMetadata["trace_id"])
    }

    @Test func `where nothing is traced, the child's environment says nothing of it`() async throws {
        _ = try await run(runner("env > \(folder.path)/environment; echo '\(Self.failedLine)'"))
        let text = try String(contentsOfFile: "\(folder.path)/environment", encoding: .utf8)
        #expect(!text.contains("TRACE"))
    }

    @Test func `a drain lets a running job finish`() async throws {
        let (started, continuation) = AsyncStream<Void>.makeStream()
        let runner = runner("echo '\(Self.progressLine)'; sleep 0.5; echo '\(Self.failedLine)'")
        async let outcome = run(runner) { _ in continuation.yield() }
        for await _ in started.prefix(1) { runner.drain() }
        #expect(reason(of: try await outcome) == .notMedia)
    }

    @Test func `a drain that ends interrupts what still runs, and starts nothing`() async throws {
        let (started, continuation) = AsyncStream<Void>.makeStream()
        let runner = runner("echo '\(Self.progressLine)'; exec sleep 600", drainTime: .zero)
        async let outcome = run(runner) { _ in continuation.yield() }
        for await _ in started.prefix(1) { runner.drain() }
        #expect(try await outcome == .interrupted)
        #expect(try await run(runner) == .interrupted)
    }

    @Test func `what a child used of the processor is told`() async throws {
        let used = Mutex(0.0)
        let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo '\(Self.failedLine)'"
        _ = try await run(runner(script, usage: { seconds in used.withLock { $0 += seconds } }))
        #expect(used.withLock { $0 } > 0)
    }
}
