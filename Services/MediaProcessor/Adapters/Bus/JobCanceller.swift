import EventSchema
package import MediaDomain
package import Messaging
package import Persistence

/// Takes back uploads that nobody wants any more.
package struct JobCanceller: Sendable {
    private let database: any Database
    private let jobs: any JobTable<SQLTransaction>
    private let outbox: Outbox
    private let announcer: MediaAnnouncer
    private let wake: @Sendable () -> Void

    /// - Parameter wake: Called when a job is to be stopped or cleaned up after.
    package init(
        database: any Database,
        jobs: any JobTable<SQLTransaction>,
        outbox: Outbox,
        announcer: MediaAnnouncer,
        wake: @escaping @Sendable () -> Void
    ) {
        self.database = database
        self.jobs = jobs
        self.outbox = outbox
        self.announcer = announcer
        self.wake = wake
    }

    /// Cancels the jobs that are meant, durably; returns how many are ended or will soon be.
    package func cancel(_ request: CancelRequest) async throws -> Int {
        try await outbox.room()
        return try await database.write { transaction in try cancel(request, in: transaction) }
    }

    /// Cancels within a transaction; what follows is published once that is committed.
    @discardableResult
    func cancel(_ request: CancelRequest, in transaction: SQLTransaction) throws -> Int {
        let effect = try jobs.cancel(request, now: .now, in: transaction)
        for job in effect.ended {
            let message = announcer.cancelled(job, because: request.reason)
            try outbox.add(message, to: .events(message), in: transaction)
        }
        if effect.stopping > 0 { transaction.afterCommit(wake) }
        return effect.ended.count + effect.stopping
    }
}
