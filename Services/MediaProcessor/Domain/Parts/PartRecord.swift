/// The parts of a job as they outlive the attempt that made them.
package struct PartRecord: Sendable {
    /// What earlier attempts made.
    package var finished: [PartResult]
    /// Notes a part whose objects are stored; one that is not noted is made anew.
    package var add: @Sendable (PartResult) async -> Void

    package init(finished: [PartResult] = [], add: @escaping @Sendable (PartResult) async -> Void = { _ in }) {
        self.finished = finished
        self.add = add
    }
}

/// Keeps the parts of jobs that are not ended.
///
/// All calls are made within a transaction of the store's.
package protocol PartTable<Transaction>: Sendable {
    associatedtype Transaction

    /// Notes a part of a leased job; false if the lease is lost.
    func add(_ part: PartResult, of lease: JobLease, in transaction: Transaction) throws -> Bool

    /// The parts of a job, in order.
    func parts(of lease: JobLease, in transaction: Transaction) throws -> [PartResult]

    /// Forgets the parts of a job that has ended.
    func remove(of lease: JobLease, in transaction: Transaction) throws
}
