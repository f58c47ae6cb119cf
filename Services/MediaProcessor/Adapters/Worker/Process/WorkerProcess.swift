import CProcess
import Glibc
import MediaDomain
import ObjectStorage
import Synchronization

/// One child at its work, watched by the thread that started it.
final class WorkerProcess: Sendable {
    /// How long a child whose pipes are closed may take to be gone.
    private static let lingering = Duration.seconds(5)

    private let program: ChildProcess.Program
    private let drainDeadline = Mutex<ContinuousClock.Instant?>(nil)
    /// The child's standard input, while it runs.
    private let input = Mutex<OpenFile?>(nil)

    init(_ program: ChildProcess.Program) {
        self.program = program
    }

    /// Gives the child until `deadline`; then it is killed.
    func drain(until deadline: ContinuousClock.Instant) {
        drainDeadline.withLock { $0 = deadline }
    }

    /// Tells the child something, while it runs; see ``WorkerCommandLine``.
    func tell(_ line: [UInt8]) {
        // One line is far smaller than a pipe's buffer.
        input.withLock { _ = $0?.writeAll(line + [UInt8(ascii: "\n")]) }
    }

    /// Runs the child to its end in the calling thread, which must be one of its own.
    ///
    /// What it makes goes to `uploader`; nothing is on its way any more when this returns. `receive` is given each message
    /// of the child.
    func run(
        _ order: [UInt8],
        limits: WorkerLimits,
        source: MediaSource,
        uploader: ArtifactUploader,
        receive: (WorkerMessage) -> Void
    ) -> WorkerExit {
        BrokenPipe.block()
        var server: SourceServer?
        let (child, objects): (ChildProcess, OpenFile)
        do throws(SpawnError) {
            (child, objects) = try start(source, &server)
        } catch {
            return WorkerExit(status: .notStarted(error.description), cause: nil, processorTime: 0, errorTail: "")
        }
        server?.start()
        defer { server?.stop() }
        // The child reads its order before all else.
        child.input.writeAll(order + [UInt8(ascii: "\n")])
        input.withLock { $0 = child.input }
        defer { input.withLock { $0 = nil } }
        var watch = ChildWatch(child: child, objects: objects, uploader: uploader, limits: limits)
        while watch.isOpen {
            watch.wait(receive: receive)
            if watch.mustEnd(drainDeadline: drainDeadline.withLock { $0 }) { kill(child.processID, SIGKILL) }
        }
        let (status, processorTime) = reap(child.processID)
        let lost = finish(uploader, watch.cause)
        return WorkerExit(
            status: status,
            cause: watch.cause,
            storeFailure: lost,
            processorTime: processorTime,
            errorTail: String(decoding: watch.errorTail, as: UTF8.self)
        )
    }

    /// Starts the child with its source and with one end of the socket for its objects; the other end is returned.
    private func start(
        _ source: MediaSource,
        _ server: inout SourceServer?
    ) throws(SpawnError) -> (ChildProcess, OpenFile) {
        guard let objects = SocketPair() else { throw SpawnError(number: errno) }
        switch source {
        case .file(let file):
            return (try ChildProcess(program, source: file, objects: objects.childs), objects.ours)
        case .remote(let bytes):
            guard let channel = SocketPair() else { throw SpawnError(number: errno) }
            server = SourceServer(bytes, to: channel.ours)
            return (try ChildProcess(program, source: channel.childs, objects: objects.childs), objects.ours)
        }
    }

    /// Waits for what the child has sent to be stored; whatever it was, if the child was ended, it is dropped.
    private func finish(_ uploader: ArtifactUploader, _ cause: WorkerExit.Cause?) -> MediaError? {
        if cause != nil { uploader.abandon() }
        do throws(MediaError) {
            try uploader.settle()
            return nil
        } catch {
            return error
        }
    }

    /// Waits for the end of a child whose pipes are closed, and makes it one if it does not come.
    private func reap(_ processID: pid_t) -> (WorkerExit.Status, Double) {
        let deadline = ContinuousClock.now + Self.lingering
        var usage = rusage()
        var word: Int32 = 0
        while true {
            let isLate = ContinuousClock.now >= deadline
            if isLate { kill(processID, SIGKILL) }
            let result = unsafe wait4(processID, &word, isLate ? 0 : WNOHANG, &usage)
            if result == processID { break }
            if result < 0, errno != EINTR { return (.notStarted("the worker process was lost"), 0) }
            usleep(10_000)
        }
        let seconds = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1_000_000 }
        return (WorkerExit.Status(word: word), seconds.reduce(0, +))
    }
}
