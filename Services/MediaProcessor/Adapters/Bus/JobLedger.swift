import EventSchema
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
    private let outbox: Outbox
    private let owner: String
    private let backlog = JobBacklog()

    package init(
        database: any Database,
        jobs: any JobTable<SQLTransaction>,
        parts: any PartTable<SQLTransaction>,
        outbox: Outbox,
        owner: String
    ) {
        self.database = database
        self.jobs = jobs
        self.parts = parts
        self.outbox = outbox
        self.owner = owner
    }

    private var deadline: Timestamp {
        Timestamp(milliseconds: Timestamp.now.milliseconds + Int64(Self.leaseTime / .milliseconds(1)))
    }

    /// Jobs that waited or were worked on, by every processor on this database, when it was last looked.
    package var pending: Int { backlog.pending }

    /// Leases the job that has waited longest; `nil` if none may be worked on.
    package func claim() async throws -> JobLease? {
        let (lease, pending) = try await database.write { [jobs, owner, deadline] transaction in
            let lease = try jobs.claim(by: owner, now: .now, until: deadline, in: transaction)
            return (lease, try jobs.pending(in: transaction))
        }
        backlog.note(pending)
        if lease?.isTakeOver == true { Counter(label: "media_lease_takeovers_total").increment() }
        return lease
    }

    /// Makes a lease last; false if another worker has the job.
    ///
    /// - Throws: ``DatabaseError`` if nobody can tell.
    func renew(_ lease: JobLease) async throws -> Bool {
        let (isOurs, pending) = try await database.write { [jobs, deadline] transaction in
            let isOurs = try jobs.renew(lease, until: deadline, in: transaction)
            return (isOurs, try jobs.pending(in: transaction))
        }
        backlog.note(pending)
        return isOurs
    }

    /// Ends a job and publishes what follows from it, together; does neither and returns false if the lease is lost.
    func finish(_ lease: JobLease, as word: String, announcing message: Message) async throws -> Bool {
        try await database.persist { [jobs, parts, outbox] transaction in
            guard try jobs.finish(lease, as: word, now: .now, in: transaction) else { return false }
            try parts.remove(of: lease, in: transaction)
            let destination = Destination(exchange: Topology.Exchange.events, routingKey: message.type ?? "")
            try outbox.add(message, to: destination, in: transaction)
            return true
        }
    }

    /// Gives a job back, to be tried again after `delay`.
    package func giveBack(_ lease: JobLease, after delay: Duration, countsAsAttempt: Bool) async throws {
        let due = Timestamp(milliseconds: Timestamp.now.milliseconds + Int64(delay / .milliseconds(1)))
        try await database.write { [jobs] transaction in
            _ = try jobs.giveBack(lease, due: due, countsAsAttempt: countsAsAttempt, in: transaction)
        }
    }

    // MARK: Parts

    /// The parts that earlier attempts at a job have made.
    package func finishedParts(of lease: JobLease) async throws -> [PartResult] {
        try await database.write { [parts] transaction in try parts.parts(of: lease, in: transaction) }
    }

    /// Notes a part of a job; false if the lease is lost.
    package func note(_ part: PartResult, of lease: JobLease) async throws -> Bool {
        try await database.write { [parts] transaction in try parts.add(part, of: lease, in: transaction) }
    }
}
