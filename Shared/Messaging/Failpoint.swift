import Foundation
import Glibc
import Synchronization

/// A line at which a process can be made to die, to prove that nothing is lost there.
///
/// `FAILPOINT=committed_before_ack` kills the process, as `kill -9` would, when it first comes to that line;
/// `FAILPOINT=committed_before_ack:20` when it comes there for the twentieth time. Unset, a point costs one comparison.
package enum Failpoint: String, Sendable, CaseIterable {
    /// A delivery has come and nothing has been done about it (C1).
    case receivedBeforeWork = "received_before_work"
    /// The effect is made and not committed (C2).
    case workedBeforeCommit = "worked_before_commit"
    /// Effect, inbox and outbox are committed, the broker does not know (C3).
    case committedBeforeAck = "committed_before_ack"
    /// The broker has confirmed a message, its outbox row is still there (C5).
    case publishedBeforeDelete = "published_before_delete"
    /// The copy that is tried later, or parked, is with the broker, the original is not acknowledged (C6).
    case retriedBeforeAck = "retried_before_ack"
    /// A job is leased and running (C10).
    case leasedBeforeWork = "leased_before_work"
    /// A job's objects are stored, its playlists are not (C10).
    case storedBeforePublish = "stored_before_publish"
    /// A job is done, its end is not committed (C10).
    case publishedBeforeFinish = "published_before_finish"
    /// What a job has written is removed, its end is not committed (C11).
    case clearedBeforeFinish = "cleared_before_finish"
    /// An attempt is noted, the provider has not been asked (N1).
    case notedBeforeSend = "noted_before_send"
    /// The provider has answered, which is not noted (N1, N2).
    case sentBeforeRecord = "sent_before_record"
    /// An event came over HTTP and is durable, its sender does not know (P0).
    case ingestedBeforeAnswer = "ingested_before_answer"
}

/// Dies here if `FAILPOINT` says so.
package func failpoint(_ point: Failpoint) {
    guard let armed = ArmedFailpoint.current, armed.point == point else { return }
    armed.pass()
}

/// The one point that is armed in this process.
private final class ArmedFailpoint: Sendable {
    static let current = ArmedFailpoint(ProcessInfo.processInfo.environment["FAILPOINT"])

    let point: Failpoint
    private let remaining: Atomic<Int>

    private init?(_ text: String?) {
        guard let parts = text?.split(separator: ":"), let name = parts.first else { return nil }
        guard let point = Failpoint(rawValue: String(name)), let count = Int(parts.count > 1 ? parts[1] : "1") else {
            preconditionFailure("FAILPOINT: \(text ?? "") is none of \(Failpoint.allCases.map(\.rawValue))")
        }
        self.point = point
        remaining = Atomic(count)
    }

    func pass() {
        if remaining.subtract(1, ordering: .relaxed).newValue == 0 { kill(getpid(), SIGKILL) }
    }
}
