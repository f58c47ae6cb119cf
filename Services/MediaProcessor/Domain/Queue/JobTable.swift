package import EventSchema

/// The jobs that every processor of the suite works on, each under one lease at a time.
///
/// All calls are made within a transaction of the store's; what they do holds once that is committed. What happens to a job
/// is noted in its history along with it.
package protocol JobTable<Transaction>: Sendable {
    associatedtype Transaction

    /// Adds a job; nothing happens if it is there. One that was cancelled before it came is ended at once.
    func add(_ job: UploadJob, in transaction: Transaction) throws -> JobAdmission

    /// Leases the job whose turn it is, until `deadline`; `nil` if none may be worked on.
    ///
    /// A job may be worked on when its time has come or the lease on it ran out, and no other job of the same media is. Its
    /// turn comes before those of users of whom more is worked on, then of those for whom more was done in the last hour,
    /// then of those that came later.
    func claim(
        by owner: String,
        now: Timestamp,
        until deadline: Timestamp,
        in transaction: Transaction
    ) throws
        -> JobLease?

    /// Makes a lease last until `deadline`, and notes how far the job is.
    func renew(
        _ lease: JobLease,
        now: Timestamp,
        until deadline: Timestamp,
        progress: JobProgress?,
        in transaction: Transaction
    ) throws -> LeaseState

    /// Ends a job for good; false if the lease is lost or is for another end by now, and then nothing may follow from the
    /// work. A job that is cancelled can only end so.
    func finish(_ lease: JobLease, _ ending: JobEnding, now: Timestamp, in transaction: Transaction) throws -> Bool

    /// Gives a job back, to be tried again at `due`; false if the lease is lost or the job cancelled.
    func giveBack(
        _ lease: JobLease,
        _ pause: JobPause,
        now: Timestamp,
        due: Timestamp,
        in transaction: Transaction
    ) throws -> Bool

    /// How many jobs wait or are worked on.
    func pending(in transaction: Transaction) throws -> Int

    /// Whether somebody waits of whom less is worked on than of the user of a running job.
    func hasOthersWaiting(than user: String, now: Timestamp, in transaction: Transaction) throws -> Bool

    // MARK: Cancelling

    /// Stops the jobs that are meant; those that come too late for it are left alone.
    ///
    /// Too late it is for a job that is taking the place of what was published: half of either could remain.
    func cancel(_ request: CancelRequest, now: Timestamp, in transaction: Transaction) throws -> CancelEffect

    /// Which jobs nobody wants any more are still to be stopped or cleaned up after.
    func cancelling(by owner: String, now: Timestamp, in transaction: Transaction) throws -> CancelledWork

    /// What was said when a job was cancelled, if anything was.
    func cancelReason(_ lease: JobLease, in transaction: Transaction) throws -> String?

    /// Leases a cancelled job that nobody works on, for cleaning up after it.
    func claimCancelled(
        by owner: String,
        now: Timestamp,
        until deadline: Timestamp,
        in transaction: Transaction
    ) throws
        -> JobLease?

    // MARK: Versions

    /// Decides, once for each job, where its objects go: apart from everything that is published or still to be removed.
    ///
    /// - Parameter published: The prefix of what is published now.
    /// - Returns: Empty, or a folder's name and a slash; `nil` if the lease is lost.
    func place(_ lease: JobLease, published: String?, in transaction: Transaction) throws -> String?

    /// Where a job's objects are; `nil` if none can be.
    func place(of lease: JobLease, in transaction: Transaction) throws -> JobPlace?

    /// Notes that what a job made becomes visible from now on; false if it may not.
    func beginPublishing(
        _ lease: JobLease,
        replacing: String?,
        now: Timestamp,
        until deadline: Timestamp,
        in transaction: Transaction
    ) throws
        -> Bool
}
