import Glibc
import MediaDomain

/// How a child ended.
struct WorkerExit: Sendable {
    /// Why we ended it, if we did.
    enum Cause: Sendable, Hashable {
        /// It said nothing for too long.
        case stalled
        /// It took longer than its media may.
        case overtime
        /// The service stops.
        case drained
        /// It wrote what no child of ours writes.
        case garbage
        /// It made more than a job may.
        case refused(MediaError)
    }

    enum Status: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
        /// It never was.
        case notStarted(String)

        /// From `wait`'s status word: the macros that take it apart are not importable.
        init(word: Int32) {
            self = word & 0x7F == 0 ? .exited(word >> 8 & 0xFF) : .signalled(word & 0x7F)
        }
    }

    var status: Status
    var cause: Cause?
    /// Why something that it made could not be stored, if something could not.
    var storeFailure: MediaError?
    /// Seconds of processor time.
    var processorTime: Double
    /// The end of what it wrote to standard error.
    var errorTail: String

    /// Whether somebody else ended it, with the signal that no process of ours and no decoder's mistake sends.
    var wasKilled: Bool { cause == nil && status == .signalled(SIGKILL) }
}

extension WorkerExit.Status: CustomStringConvertible {
    var description: String {
        switch self {
        case .exited(let code): "it exited with \(code)"
        case .signalled(let signal): "signal \(signal) (\(Self.name(of: signal)))"
        case .notStarted(let reason): reason
        }
    }

    private static func name(of signal: Int32) -> String {
        unsafe strsignal(signal).map { unsafe String(cString: $0) } ?? "unknown"
    }
}
