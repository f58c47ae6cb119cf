import Foundation
import Logging
import MediaDomain
import MediaWorker
import ObjectStorage
import Synchronization
import Testing

/// Children that work in parts: shell scripts that speak as a worker does.
@Suite(.timeLimit(.minutes(1)))
struct PartRunTests {
    private let folder: TemporaryFolder
    private let job = MediaJob(eventID: UUID(), mediaID: UUID(), sourceURI: "/a.mp4", settings: TranscodeSettings())

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("source", to: "source.mp4")
    }

    private func runner(_ script: String) -> ProcessJobRunner {
        ProcessJobRunner(
            executable: "/bin/sh",
            arguments: ["-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
            store: RecordingStore(),
            limits: WorkerLimits(),
            drainTime: .seconds(30),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func run(
        _ runner: ProcessJobRunner,
        parts: PartRecord = PartRecord(),
        slots: PartSlots = PartSlots(),
        progress: @escaping @Sendable (JobProgress) -> Void = { _ in }
    ) async throws -> JobOutcome {
        let source = try FileTree(root: folder.path).openFile(["source.mp4"])
        return await runner.run(
            job,
            source: .file(source),
            parts: parts,
            slots: slots,
            mayPublish: { true },
            progress: progress
        )
    }

    private static let part = PartResult(
        plan: PartPlan(index: 0, start: 0, end: 4, firstSegment: 1),
        fingerprint: "f",
        video: [],
        timescale: 1000,
        start: 0,
        end: 4000,
        pictures: PictureCount(),
        colors: PictureColors(primaries: 1, transfer: 1, matrix: 1, chroma: 1),
        thumbnailCount: 0,
        tiles: PartTiles(first: 0, count: 1, pixels: Data(count: 3)),
        isDamaged: false,
        presentationEnd: nil
    )

    private static let stored = StoredPart(result: part, tilesFrom: 0)

    private static func line(of part: StoredPart) throws -> String {
        #"{"partDone":{"_0":\#(String(decoding: try JSONEncoder().encode(part), as: UTF8.self))}}"#
    }

    @Test func `a part that a child has stored is noted before its end counts`() async throws {
        let noted = Mutex<[StoredPart]>([])
        let record = PartRecord { part in noted.withLock { $0.append(part) } }
        let outcome = try await run(runner("echo '\(try Self.line(of: Self.stored))'; kill -KILL $$"), parts: record)
        guard case .killed(let error) = outcome else {
            Issue.record("expected a kill, got \(outcome)")
            return
        }
        #expect(error.message.contains("while transcoding") && error.message.contains("signal 9"))
        #expect(noted.withLock(\.self) == [Self.stored])
    }

    @Test func `a child is handed what was made before`() async throws {
        let script = "head -n 1 > \(folder.path)/order; echo '{\"yielded\":{}}'"
        let outcome = try await run(runner(script), parts: PartRecord(finished: [Self.part]))
        #expect(outcome == .yielded)
        struct Order: Decodable { let finished: [PartResult] }
        let text = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/order"))
        #expect(try JSONDecoder().decode(Order.self, from: text).finished == [Self.part])
    }

    @Test func `a child hears that a part is noted, and how many it may make at once`() async throws {
        let slots = PartSlots(2)
        let (noted, continuation) = AsyncStream<Void>.makeStream()
        let record = PartRecord { _ in continuation.yield() }
        let confined = #"{"confined":{"_0":{"landlock":1,"seccomp":true}}}"#
        let script = """
            read order; echo '\(confined)'; read first; echo '\(try Self.line(of: Self.stored))'; read second; read third
            echo "$first,$second,$third" > \(folder.path)/heard; echo "$order" > \(folder.path)/order
            echo '{"yielded":{}}'
            """
        async let outcome = run(runner(script), parts: record, slots: slots)
        for await _ in noted.prefix(1) {
            // The answer to the part is on its way.
            slots.change(to: 3)
        }
        #expect(try await outcome == .yielded)
        let heard = try String(contentsOfFile: "\(folder.path)/heard", encoding: .utf8)
        #expect(["slots 2,noted,slots 3\n", "slots 2,slots 3,noted\n"].contains(heard))
        struct Order: Decodable { let slots: Int }
        let text = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/order"))
        #expect(try JSONDecoder().decode(Order.self, from: text).slots == 2)
    }

    @Test func `a child that is to yield is told, and stops by itself`() async throws {
        let (started, continuation) = AsyncStream<Void>.makeStream()
        let progress = #"{"progress":{"_0":{"stage":"transcoding","percent":42.5}}}"#
        let script = """
            read order; echo '\(progress)'; read word
            [ "$word" = '{"yield":true}' ] && echo '{"yielded":{}}'
            """
        let runner = runner(script)
        async let outcome = run(runner) { _ in continuation.yield() }
        for await _ in started.prefix(1) { runner.yield(job.eventID) }
        #expect(try await outcome == .yielded)
    }
}
