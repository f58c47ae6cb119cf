import EventSchema
import Foundation
package import MediaDomain
package import Messaging
import Metrics
package import Persistence

/// Leases of this process on jobs, each change a transaction of its own.
package struct JobLedger: Sendable {
    /// How long a lease lasts that is not renewed, and after which another worker takes the job over.
    package static let leaseTime = Duration.seconds(30)

    private let database: any Database
    private let jobs: any JobTable<SQLTransaction>
    private let parts: any PartTable<SQLTransaction>
    private let removals: any VersionRemovals<SQLTransaction>
    private let outbox: Outbox
    private let owner: String
    /// How long a version that was replaced goes on being served.
    private let keepsReplaced: Duration
    private let backlog = JobBacklog()

    package init(
        database: any Database,
        jobs: any JobTable<SQLTransaction>,
        parts: any PartTable<SQLTransaction>,
        removals: any VersionRemovals<SQLTransaction>,
        outbox: Outbox,
        owner: String,
        keepsReplaced: Duration = .seconds(3600)
    ) {
        self.database = database
        self.jobs = jobs
        self.parts = parts
        self.removals = removals
        self.outbox = outbox
        self.owner = owner
        self.keepsReplaced = keepsReplaced
    }

    private var deadline: Timestamp { .now(after: Self.leaseTime) }

    /// Jobs that waited or were worked on, by every processor on this database, when it was last looked.
    package var pending: Int { backlog.pending }

    // MARK: The lease

    /// Leases the job whose turn it is; `nil` if none may be worked on.
    package func claim() async throws -> JobLease? {
        let (lease, pending) = try await database.write { [jobs, owner, deadline] transaction in
            let lease = try jobs.claim(by: owner, now: .now, until: deadline, in: transaction)
            return (lease, try jobs.pending(in: transaction))
        }
        backlog.note(pending)
        if lease?.isTakeOver == true { Counter(label: "media_lease_takeovers_total").increment() }
        return lease
    }

    /// Leases a cancelled job that nobody works on.
    func claimCancelled() async throws -> JobLease? {
        try await database.write { [jobs, owner, deadline] transaction in
            try jobs.claimCancelled(by: owner, now: .now, until: deadline, in: transaction)
        }
    }

    /// What is cancelled and not yet ended.
    func cancelling() async throws -> CancelledWork {
        try await database.read { [jobs, owner] transaction in
            try jobs.cancelling(by: owner, now: .now, in: transaction)
        }
    }

    /// Makes a lease last, and notes how far the job is.
    ///
    /// - Throws: ``DatabaseError`` if nobody can tell.
    package func renew(_ lease: JobLease, progress: JobProgress? = nil) async throws -> LeaseState {
        let (state, pending) = try await database.write { [jobs, deadline] transaction in
            let state = try jobs.renew(lease, now: .now, until: deadline, progress: progress, in: transaction)
            return (state, try jobs.pending(in: transaction))
        }
        backlog.note(pending)
        return state
    }

    /// Whether somebody waits of whom less is worked on than of `user`.
    func hasOthersWaiting(than user: String) async throws -> Bool {
        try await database.read { [jobs] in try jobs.hasOthersWaiting(than: user, now: .now, in: $0) }
    }

    // MARK: Versions

    /// Decides where the job's objects go; `nil` if the lease is lost.
    func place(_ lease: JobLease, published: String?) async throws -> String? {
        try await database.write { [jobs] in try jobs.place(lease, published: published, in: $0) }
    }

    /// Where the job's objects are, and why it was cancelled if it was.
    func place(of lease: JobLease) async throws -> (JobPlace?, cancelReason: String?) {
        try await database.read { [jobs] in
            (try jobs.place(of: lease, in: $0), try jobs.cancelReason(lease, in: $0))
        }
    }

    /// Notes that what the job made becomes visible; false if it may not.
    func beginPublishing(_ lease: JobLease, replacing: String?) async throws -> Bool {
        try await database.write { [jobs, deadline] transaction in
            try jobs.beginPublishing(lease, replacing: replacing, now: .now, until: deadline, in: transaction)
        }
    }

    // MARK: The end

    /// Ends a job and publishes what follows from it, together; does neither and returns false if the lease is lost, or the
    /// job cancelled and this is another end.
    ///
    /// - Parameter leaving: What is still to be removed, after a while.
    package func finish(
        _ lease: JobLease,
        _ ending: JobEnding,
        announcing message: Message,
        leaving: [VersionRemoval] = []
    ) async throws -> Bool {
        try await database.persist { [self] transaction in
            let place = try jobs.place(of: lease, in: transaction)
            guard try jobs.finish(lease, ending, now: .now, in: transaction) else { return false }
            try parts.remove(of: lease, in: transaction)
            if ending.word == "made", let replaced = place?.replaces, replaced != place?.prefix {
                let removal = VersionRemoval(mediaID: lease.job.mediaID, prefix: replaced)
                try removals.add(removal, due: .now(after: keepsReplaced), in: transaction)
            }
            // By then, whoever lost the lease to us and does not know it yet writes no more.
            for removal in leaving { try removals.add(removal, due: .now(after: Self.leaseTime * 2), in: transaction) }
            try outbox.add(message, to: .events(message), in: transaction)
            return true
        }
    }

    /// Gives a job back; false if the lease is lost or the job cancelled.
    ///
    /// - Parameter delay: How long it waits at least; without one it has the place that it had, before later ones.
    package func giveBack(_ lease: JobLease, _ pause: JobPause, after delay: Duration? = nil) async throws -> Bool {
        let due = delay.map(Timestamp.now(after:)) ?? lease.job.receivedAt
        return try await database.write { [jobs] transaction in
            try jobs.giveBack(lease, pause, now: .now, due: due, in: transaction)
        }
    }

    // MARK: Parts

    /// The parts that earlier attempts at a job have made.
    package func finishedParts(of lease: JobLease) async throws -> [PartResult] {
        try await database.read { [parts] transaction in try parts.parts(of: lease, in: transaction) }
    }

    /// Forgets the parts of a job whose objects are about to be removed: whoever takes it up again begins anew.
    func forgetParts(of lease: JobLease) async throws {
        try await database.write { [parts] transaction in try parts.remove(of: lease, in: transaction) }
    }

    /// Notes a part of a job; false if the lease is lost.
    package func note(_ part: StoredPart, of lease: JobLease) async throws -> Bool {
        try await database.write { [parts] transaction in try parts.add(part, of: lease, in: transaction) }
    }
}

extension Timestamp {
    /// A while from now.
    static func now(after delay: Duration) -> Timestamp {
        Timestamp(milliseconds: Timestamp.now.milliseconds + Int64(delay / .milliseconds(1)))
    }
}

extension Destination {
    /// The exchange of events, under the event's type.
    static func events(_ message: Message) -> Destination {
        Destination(exchange: Topology.Exchange.events, routingKey: message.type ?? "")
    }
}
