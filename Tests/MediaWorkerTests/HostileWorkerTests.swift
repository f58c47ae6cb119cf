import Foundation
import Logging
import MediaDomain
import MediaWorker
import ObjectStorage
import Testing

/// Children that have been taken over: what they send over their channels is held to the same bounds.
@Suite(.timeLimit(.minutes(1)))
struct HostileWorkerTests {
    private let store = RecordingStore()
    private let job = MediaJob(eventID: UUID(), mediaID: UUID(), sourceURI: "/a.mp4", settings: TranscodeSettings())
    private static let failedLine = #"{"failed":{"_0":{"reason":"not_media","message":"no","retryable":false}}}"#
    private static let beatLine = #"{"beat":{"_0":1}}"#

    private func run(
        _ script: String,
        _ source: any ByteSource = MemorySource(Data("0123456789".utf8)),
        stall: Double = 60
    ) async -> MediaError? {
        let runner = ProcessJobRunner(
            executable: "/bin/sh",
            arguments: ["-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
            store: store,
            limits: WorkerLimits(stall: stall),
            drainTime: .seconds(1),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let outcome = await runner.run(
            job,
            source: .remote(source),
            parts: PartRecord(),
            slots: PartSlots(),
            mayPublish: { true },
            progress: { _ in }
        )
        if case .failed(let error) = outcome { return error }
        Issue.record("expected a failure, got \(outcome)")
        return nil
    }

    /// The words of `printf` for an object's head.
    private func head(_ number: UInt32, name: Int, size: UInt32) -> String {
        [number, UInt32(name), size].map(octal).joined()
    }

    private func octal(_ number: UInt32) -> String {
        (0..<4).map { "\\" + String(number >> ($0 * 8) & 0xFF, radix: 8).leftPadded(3) }.joined()
    }

    private func object(_ number: UInt32, _ name: String, _ body: String) -> String {
        "printf '\(head(number, name: name.utf8.count, size: UInt32(body.utf8.count)))\(name)\(body)' >&4; "
    }

    /// Reads an answer and tells its length.
    private let answer = "head -c 8 <&4 > /dev/null; "
    private var done: String { "echo '\(Self.failedLine)'" }

    @Test func `an object is stored below the media's folder`() async {
        let error = await run(object(1, "video/a.m4s", "bytes") + answer + done)
        #expect(error?.reason == .notMedia)
        #expect(store.objects == ["\(job.mediaID.uuidString.lowercased())/video/a.m4s": Array("bytes".utf8)])
    }

    @Test(arguments: ["../other/a", "/etc/passwd", "a/../../b", "a//b", ".", "a b", "a/"])
    func `a name that leads elsewhere is refused`(name: String) async {
        let error = await run(object(1, name, "x") + answer + done)
        #expect(error?.reason == .notMedia)
        #expect(store.objects.isEmpty)
    }

    @Test func `an object that is larger than any of ours ends the child before a byte of it is held`() async {
        let error = await run("printf '\(head(1, name: 1, size: .max))a' >&4; exec sleep 600")
        #expect(error?.reason == .crashed)
    }

    @Test func `a name that is longer than any of ours ends the child`() async {
        let error = await run("printf '\(head(1, name: 100_000, size: 1))a' >&4; exec sleep 600")
        #expect(error?.reason == .crashed)
    }

    @Test func `more objects than the window takes end the child`() async {
        let slow = RecordingStore(pause: .seconds(30))
        let runner = ProcessJobRunner(
            executable: "/bin/sh",
            arguments: ["-c", (1...20).map { object(UInt32($0), "a\($0)", "x") }.joined() + "exec sleep 600"],
            environment: ["PATH": "/usr/bin:/bin"],
            store: slow,
            limits: WorkerLimits(),
            drainTime: .seconds(1),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let source = MediaSource.remote(MemorySource(Data("x".utf8)))
        let outcome = await runner.run(
            job,
            source: source,
            parts: PartRecord(),
            slots: PartSlots(),
            mayPublish: { true },
            progress: { _ in }
        )
        guard case .failed(let error) = outcome else {
            Issue.record("expected a failure, got \(outcome)")
            return
        }
        #expect(error.reason == .crashed)
        #expect(slow.mostAtOnce <= MediaLimits.unstoredObjects)
        #expect(slow.underWay == 0 && slow.objects.isEmpty)
    }

    /// Asks for bytes of the source and tells what came, after the answer's head, as a failure's message.
    private func ask(_ offset: UInt64, _ length: UInt32) -> String {
        let question = octal(UInt32(truncatingIfNeeded: offset)) + octal(UInt32(offset >> 32)) + octal(length)
        return "printf '\(question)' >&3; head -c 8 <&3 | od -An -tu4 | tr -s ' ' ':' > head; "
    }

    @Test func `bytes are read within the source, and nothing beyond its end`() async throws {
        let source = MemorySource(Data("0123456789".utf8))
        let folder = try TemporaryFolder()
        let script = "cd \(folder.path); " + ask(4, 100) + "head -c 6 <&3 > bytes; cp head first; " + ask(10, 5) + done
        #expect(await run(script, source)?.reason == .notMedia)
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
        }
        #expect(try text("bytes") == "456789")
        #expect(try text("first") == ":0:6\n" && text("head") == ":0:0\n")
        #expect(source.asked == [4..<10])
    }

    @Test(arguments: [(0, UInt32.max), (0, 0), (1 << 63, 10), (0, 2 << 20)] as [(UInt64, UInt32)])
    func `a question that no child of ours asks ends the conversation`(offset: UInt64, length: UInt32) async throws {
        let source = MemorySource(Data("0123456789".utf8))
        let folder = try TemporaryFolder()
        let script = "cd \(folder.path); " + ask(offset, length) + done
        #expect(await run(script, source)?.reason == .notMedia)
        #expect(try String(contentsOfFile: "\(folder.path)/head", encoding: .utf8) == "")
        #expect(source.asked.isEmpty)
    }

    @Test func `a child that beats is not hung, and one that stops to is`() async {
        let beats = "for i in 1 2 3 4 5 6 7 8; do echo '\(Self.beatLine)'; sleep 0.2; done; "
        #expect(await run(beats + done, stall: 1)?.reason == .notMedia)
        #expect(await run("echo '\(Self.beatLine)'; exec sleep 600", stall: 0.5)?.reason == .timedOut)
    }
}

extension String {
    fileprivate func leftPadded(_ width: Int) -> String { String(repeating: "0", count: max(0, width - count)) + self }
}
