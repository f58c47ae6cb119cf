import CProcess
import Glibc
import ObjectStorage

/// A program started with three pipes and two inherited files, and nothing else of ours.
struct ChildProcess {
    /// What is started, and with what.
    struct Program: Sendable {
        var executable: String
        var arguments: [String]
        /// All of it: none of our own settings, which hold secrets, are handed on.
        var environment: [String: String]
    }

    /// The numbers under which the child finds what it inherits: the source, and the socket that takes its objects.
    static let sourceDescriptor: Int32 = 3
    static let objectsDescriptor: Int32 = 4

    let processID: pid_t
    let input: OpenFile
    let output: OpenFile
    let errors: OpenFile

    /// Starts `program` in a process group of its own, so that a terminal's Ctrl-C reaches us alone and we decide.
    ///
    /// The child must not outlive the calling thread if it asks to die with its parent: Linux means the thread.
    ///
    /// - Throws: the error number.
    init(_ program: Program, source: OpenFile, objects: OpenFile) throws(SpawnError) {
        guard let input = Pipe(), let output = Pipe(), let errors = Pipe(), let source = source.duplicate,
            let objects = objects.duplicate
        else {
            throw SpawnError(number: errno)
        }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let given = [input.readEnd, output.writeEnd, errors.writeEnd, source, objects]
        for (number, file) in given.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, file.descriptor, Int32(number))
        }
        unsafe cprocess_close_from(&actions, Int32(given.count))
        processID = try unsafe Self.spawn(program, &actions)
        self.input = input.writeEnd
        self.output = output.readEnd
        self.errors = errors.readEnd
    }

    private static func spawn(
        _ program: Program,
        _ actions: inout posix_spawn_file_actions_t
    ) throws(SpawnError) -> pid_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        let arguments = CStrings([program.executable] + program.arguments)
        let environment = CStrings(program.environment.map { "\($0)=\($1)" })
        var processID: pid_t = 0
        let number = unsafe posix_spawn(
            &processID,
            program.executable,
            &actions,
            &attributes,
            arguments.pointers,
            environment.pointers
        )
        guard number == 0 else { throw SpawnError(number: number) }
        return processID
    }
}

/// Why a program did not start.
struct SpawnError: Error, CustomStringConvertible {
    let number: Int32

    var description: String { unsafe "the worker process did not start: \(String(cString: strerror(number)))" }
}

/// A null-terminated array of C strings, as `exec` wants it.
@safe private final class CStrings {
    private(set) var pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [String]) {
        unsafe pointers = texts.map { unsafe strdup($0) } + [nil]
    }

    deinit {
        for index in unsafe pointers.indices { unsafe free(pointers[index]) }
    }
}
