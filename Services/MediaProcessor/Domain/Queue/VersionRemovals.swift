package import EventSchema
package import Foundation

/// A version of a media of which nothing is needed any more.
package struct VersionRemoval: Sendable, Hashable {
    package let mediaID: UUID
    /// Empty, or a folder's name and a slash.
    package let prefix: String

    package init(mediaID: UUID, prefix: String) {
        self.mediaID = mediaID
        self.prefix = prefix
    }
}

/// What is to be removed from the store, and when.
package protocol VersionRemovals<Transaction>: Sendable {
    associatedtype Transaction

    /// Has a version removed at `due`.
    func add(_ removal: VersionRemoval, due: Timestamp, in transaction: Transaction) throws

    /// Takes a removal whose time has come, and has it come again at `retry` in case this process dies at it.
    ///
    /// Those of versions that a job still writes are left for later.
    func take(now: Timestamp, retry: Timestamp, in transaction: Transaction) throws -> VersionRemoval?

    /// It is done, or not needed any more.
    func finish(_ removal: VersionRemoval, in transaction: Transaction) throws

    /// Whether a job of the media waits or is worked on.
    func hasOpenJob(of mediaID: UUID, in transaction: Transaction) throws -> Bool
}
