import Glibc
import MediaDomain
import ObjectStorage

/// Reads a child's pipes, takes its objects and keeps its time, until both pipes are closed.
struct ChildWatch {
    /// How often the deadlines are looked at while the child is silent, in milliseconds.
    private static let tick: Int32 = 200
    /// What is kept of standard error.
    private static let errorBytes = 4096

    private let output: OpenFile
    private let errors: OpenFile
    private let objectsSocket: OpenFile
    private let start = ContinuousClock.now
    private var supervision: WorkerSupervision
    private var objects: ObjectReceiver
    private var lines = LineBuffer()
    private var outputIsOpen = true
    private var errorsAreOpen = true
    private(set) var errorTail: [UInt8] = []
    /// Why the child was killed, if it was.
    private(set) var cause: WorkerExit.Cause?

    /// - Parameter objects: Our end of the socket on which the child sends what `uploader` is to store.
    init(child: ChildProcess, objects: OpenFile, uploader: ArtifactUploader, limits: WorkerLimits) {
        output = child.output
        errors = child.errors
        objectsSocket = objects
        self.objects = ObjectReceiver(objects, uploader: uploader)
        supervision = WorkerSupervision(limits: limits)
    }

    var isOpen: Bool { outputIsOpen || errorsAreOpen }

    /// Waits for the child to write, for a tick at most, and hands on the messages that came.
    mutating func wait(receive: (WorkerMessage) -> Void) {
        // A negative descriptor is passed over.
        var pipes = [
            pollfd(fd: outputIsOpen ? output.descriptor : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errorsAreOpen ? errors.descriptor : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: objects.isOpen ? objectsSocket.descriptor : -1, events: Int16(POLLIN), revents: 0),
        ]
        guard unsafe poll(&pipes, nfds_t(pipes.count), Self.tick) > 0 else { return }
        if pipes[0].revents != 0 { readOutput(receive) }
        if pipes[1].revents != 0 { readErrors() }
        if pipes[2].revents != 0 { readObjects() }
    }

    /// Whether the child has to be killed now; once it has to, it stays so.
    mutating func mustEnd(drainDeadline: ContinuousClock.Instant?) -> Bool {
        supervision.drainDeadline = drainDeadline.map { ($0 - start) / .seconds(1) }
        cause = cause ?? supervision.verdict(at: elapsed)
        return cause != nil
    }

    private var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }

    // MARK: The pipes

    private mutating func readOutput(_ receive: (WorkerMessage) -> Void) {
        guard let bytes = output.readSome(), !bytes.isEmpty else {
            outputIsOpen = false
            return
        }
        // What a child writes after it has been told off does not count.
        guard cause == nil else { return }
        guard let whole = lines.append(bytes) else {
            cause = .garbage
            return
        }
        for line in whole {
            guard let message = WorkerMessage(line: line) else {
                cause = .garbage
                return
            }
            supervision.heard(at: elapsed)
            if case .probed(let source) = message { supervision.probed(duration: source.duration) }
            receive(message)
        }
    }

    private mutating func readObjects() {
        guard cause == nil else { return objects.close() }
        switch objects.receive() {
        case nil: return
        case .nonsense: cause = cause ?? .garbage
        case .refused(let error): cause = cause ?? .refused(error)
        }
    }

    private mutating func readErrors() {
        guard let bytes = errors.readSome(), !bytes.isEmpty else {
            errorsAreOpen = false
            return
        }
        errorTail = (errorTail + bytes).suffix(Self.errorBytes)
    }
}
