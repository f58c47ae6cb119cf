import CPostgres
import Glibc

/// A connection of libpq's; belongs to one thread.
///
/// libpq's own blocking calls wait without end for a server that is there and says nothing. These wait at the socket, and
/// not for longer than a limit.
final class PostgresLink {
    private let handle: OpaquePointer
    /// Why it is of no more use; `nil` while it is.
    private(set) var lost: DatabaseError?
    /// How long an answer may take; `nil` for as long as it takes.
    var answerLimit: Duration? = .seconds(20)

    /// Connects.
    ///
    /// - Throws: ``DatabaseError`` that names the server.
    init(_ address: PostgresAddress) throws(DatabaseError) {
        guard let handle = address.startConnection() else {
            throw DatabaseError(.unavailable, "\(address.name): no memory for a connection")
        }
        self.handle = handle
        // The code of an error of this phase is in its message only, and only so.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        PQsetNoticeReceiver(handle, Self.receiveNotice, Unmanaged.passUnretained(self).toOpaque())
        try establish(address)
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        PQsetnonblocking(handle, 1)
    }

    deinit { PQfinish(handle) }

    private func establish(_ address: PostgresAddress) throws(DatabaseError) {
        let end = ContinuousClock.now + address.connectLimit
        var isWriting = true
        while PQstatus(handle) != CONNECTION_BAD {
            guard try wait(for: isWriting ? POLLOUT : POLLIN, until: end) else {
                throw DatabaseError(.unavailable, "\(address.name): no answer within \(address.connectLimit)")
            }
            switch PQconnectPoll(handle) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_FAILED: throw DatabaseError(postgresConnection: message, to: address.name)
            case let next: isWriting = next == PGRES_POLLING_WRITING
            }
        }
        throw DatabaseError(postgresConnection: message, to: address.name)
    }

    // MARK: Commands

    /// Has `send` send a command and returns the answer, which may be an error of the server's.
    ///
    /// - Throws: why the connection is lost.
    func exchange(_ send: (OpaquePointer) -> Int32) throws(DatabaseError) -> PostgresResult {
        if let lost { throw lost }
        let end = answerLimit.map { ContinuousClock.now + $0 }
        guard send(handle) == 1 else { throw lose(message) }
        try flush(until: end)
        var answer: PostgresResult?
        while let result = try nextResult(until: end, said: answer) {
            // Nobody here feeds it, and the connection takes nothing else before it ends.
            if result.isCopy { throw lose("COPY is not supported") }
            if answer?.isFailure != true { answer = result }
        }
        guard let answer, PQstatus(handle) == CONNECTION_OK else { throw lose(answer?.message ?? message) }
        return answer
    }

    private func flush(until end: ContinuousClock.Instant?) throws(DatabaseError) {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1: try awaitAnswer(POLLIN | POLLOUT, until: end)
            default: throw lose(message)
            }
            // The server may wait for us to read before it reads.
            guard PQconsumeInput(handle) == 1 else { throw lose(message) }
        }
    }

    private func nextResult(
        until end: ContinuousClock.Instant?,
        said answer: PostgresResult?
    ) throws(DatabaseError) -> PostgresResult? {
        while PQisBusy(handle) == 1 {
            try awaitAnswer(POLLIN, until: end)
            guard PQconsumeInput(handle) == 1 else {
                // What the server said before it closed tells more than that it did.
                throw lose(answer.flatMap { $0.isFailure ? $0.message : nil } ?? message)
            }
        }
        return PQgetResult(handle).map(PostgresResult.init)
    }

    private func awaitAnswer(_ events: Int32, until end: ContinuousClock.Instant?) throws(DatabaseError) {
        guard try wait(for: events, until: end) else { throw lose("no answer within \(answerLimit ?? .zero)") }
    }

    // MARK: Health

    /// Notices whether the server has closed the connection, without asking it.
    func check() {
        guard lost == nil, let isReadable = try? wait(for: POLLIN, until: .now), isReadable else { return }
        if PQconsumeInput(handle) == 0 { lose(message) }
        // Has it look at what came; that it closes is told to the receiver of notices.
        _ = PQisBusy(handle)
    }

    @discardableResult
    func lose(_ reason: String) -> DatabaseError {
        let error = lost ?? DatabaseError(.unavailable, "the connection to PostgreSQL was lost: \(reason)")
        lost = error
        return error
    }

    /// Hears what the server says unasked, which libpq would write to the standard error output.
    private static let receiveNotice: PQnoticeReceiver = { link, result in
        guard let link, let result, let severity = PostgresResult.field(.severity, of: result),
            ["FATAL", "PANIC"].contains(severity)
        else { return }
        let message = PostgresResult.field(.message, of: result) ?? severity
        Unmanaged<PostgresLink>.fromOpaque(link).takeUnretainedValue().lose(message)
    }

    // MARK: Socket

    /// Waits for one of `events`; returns whether one came in time.
    private func wait(for events: Int32, until end: ContinuousClock.Instant?) throws(DatabaseError) -> Bool {
        while true {
            let left = end.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
            // A part of a millisecond counts as one, or the last would be spent spinning.
            let timeout = left.map { Int32(clamping: Int64(($0 / .milliseconds(1)).rounded(.up))) } ?? -1
            var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            let count = poll(&descriptor, 1, timeout)
            if count >= 0 { return count > 0 }
            guard errno == EINTR else { throw lose(String(cString: strerror(errno))) }
        }
    }

    private var message: String { Self.words(of: PQerrorMessage(handle)) }

    /// libpq's messages in one line, without the places in the server's source.
    static func words(of message: UnsafePointer<CChar>?) -> String {
        guard let message else { return "unknown error" }
        let lines = String(cString: message).split(separator: "\n").map { $0.drop { $0 == "\t" || $0 == " " } }
        return lines.filter { !$0.hasPrefix("LOCATION:") }.joined(separator: " ")
    }
}
