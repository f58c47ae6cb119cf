package import EventSchema

/// The jobs that every processor of the suite works on, each under one lease at a time.
///
/// All calls are made within a transaction of the store's; what they do holds once that is committed.
package protocol JobTable<Transaction>: Sendable {
    associatedtype Transaction

    /// Adds a job; nothing happens if it is there.
    func add(_ job: UploadJob, in transaction: Transaction) throws

    /// Leases the job that has waited longest, until `deadline`; `nil` if none may be worked on.
    ///
    /// A job may be worked on when its time has come or the lease on it ran out, and no other job of the same media is.
    func claim(
        by owner: String,
        now: Timestamp,
        until deadline: Timestamp,
        in transaction: Transaction
    ) throws
        -> JobLease?

    /// Makes a lease last until `deadline`; false if it is lost.
    func renew(_ lease: JobLease, until deadline: Timestamp, in transaction: Transaction) throws -> Bool

    /// Ends a job for good; false if the lease is lost, and then nothing may follow from the work.
    func finish(_ lease: JobLease, as word: String, now: Timestamp, in transaction: Transaction) throws -> Bool

    /// Gives a job back, to be tried again at `due`; false if the lease is lost.
    ///
    /// - Parameter countsAsAttempt: False for work that was only interrupted.
    func giveBack(_ lease: JobLease, due: Timestamp, countsAsAttempt: Bool, in transaction: Transaction) throws -> Bool

    /// How many jobs wait or are worked on.
    func pending(in transaction: Transaction) throws -> Int
}
