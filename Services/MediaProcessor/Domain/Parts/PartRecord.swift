/// The parts of a job as they outlive the attempt that made them.
package struct PartRecord: Sendable {
    /// What earlier attempts made.
    package var finished: [PartResult]
    /// Notes a part whose objects are stored; one that is not noted is made anew.
    package var add: @Sendable (StoredPart) async -> Void

    package init(finished: [PartResult] = [], add: @escaping @Sendable (StoredPart) async -> Void = { _ in }) {
        self.finished = finished
        self.add = add
    }
}

/// A part whose objects are stored.
package struct StoredPart: Sendable, Hashable, Codable {
    package var result: PartResult
    /// The first part whose pictures for the storyboard are not on a stored sheet: those of earlier ones are of no use.
    package var tilesFrom: Int

    package init(result: PartResult, tilesFrom: Int) {
        self.result = result
        self.tilesFrom = tilesFrom
    }
}

/// Keeps the parts of jobs that are not ended.
///
/// All calls are made within a transaction of the store's.
package protocol PartTable<Transaction>: Sendable {
    associatedtype Transaction

    /// Notes a part of a leased job; false if the lease is lost.
    func add(_ part: StoredPart, of lease: JobLease, in transaction: Transaction) throws -> Bool

    /// The parts of a job, in order.
    func parts(of lease: JobLease, in transaction: Transaction) throws -> [PartResult]

    /// Forgets the parts of a job that has ended.
    func remove(of lease: JobLease, in transaction: Transaction) throws
}
