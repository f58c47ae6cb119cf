package import EventSchema
package import Foundation

/// An upload that waits to be made playable.
package struct UploadJob: Sendable, Hashable {
    /// The upload's event, which is the job's key.
    package let eventID: UUID
    package let mediaID: UUID
    package let userID: String
    /// The upload's `file_path`.
    package let sourceURI: String
    /// W3C Trace Context of the upload, for the events that follow from it.
    package let traceParent: String?
    package let traceState: String?
    /// When the backend said it, by the backend's clock; tells which of two uploads of a media is the newer one.
    package let sentAt: Timestamp
    package let receivedAt: Timestamp

    /// - Parameter sentAt: As received if not given.
    package init(
        eventID: UUID,
        mediaID: UUID,
        userID: String,
        sourceURI: String,
        traceParent: String? = nil,
        traceState: String? = nil,
        sentAt: Timestamp? = nil,
        receivedAt: Timestamp = .now
    ) {
        self.eventID = eventID
        self.mediaID = mediaID
        self.userID = userID
        self.sourceURI = sourceURI
        self.traceParent = traceParent
        self.traceState = traceState
        self.sentAt = sentAt ?? receivedAt
        self.receivedAt = receivedAt
    }
}

/// The right to work on a job for a while.
package struct JobLease: Sendable, Hashable {
    package let job: UploadJob
    /// Grows with each lease of the job: who holds a smaller one has lost it, whatever its clock says.
    package let token: Int64
    /// Which attempt this is, from 1; one that was interrupted by a shutdown does not count.
    package let attempt: Int
    /// Whether another worker had it before and fell silent.
    package let isTakeOver: Bool

    package init(job: UploadJob, token: Int64, attempt: Int, isTakeOver: Bool) {
        self.job = job
        self.token = token
        self.attempt = attempt
        self.isTakeOver = isTakeOver
    }
}

/// What has become of a lease.
package enum LeaseState: Sendable, Hashable {
    /// It lasts.
    case held
    /// It lasts, but only for cleaning up: nobody wants the media any more.
    case cancelled
    /// Somebody else has the job, or it is done.
    case lost
}
