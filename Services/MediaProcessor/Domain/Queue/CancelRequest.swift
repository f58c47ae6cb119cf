package import EventSchema
package import Foundation

/// Somebody no longer wants a media, or one upload of it.
package struct CancelRequest: Sendable, Hashable {
    package let mediaID: UUID
    /// The one upload that is meant; `nil` for all up to ``sentAt``.
    package let eventID: UUID?
    /// In words for people.
    package let reason: String?
    /// When it was said, by the clock of who said it.
    package let sentAt: Timestamp

    package init(mediaID: UUID, eventID: UUID? = nil, reason: String? = nil, sentAt: Timestamp) {
        self.mediaID = mediaID
        self.eventID = eventID
        self.reason = reason
        self.sentAt = sentAt
    }
}

/// What a ``CancelRequest`` has done.
package struct CancelEffect: Sendable, Hashable {
    /// Jobs that nobody had begun; they are ended.
    package var ended: [UploadJob] = []
    /// Jobs that are stopped and cleaned up; they end when that is done.
    package var stopping = 0

    package init() {}
}

/// Jobs that nobody wants any more, as one processor sees them.
package struct CancelledWork: Sendable, Hashable {
    /// The events of those that it works on.
    package var own: Set<UUID>
    /// Whether one waits for anybody to clean up after it.
    package var waits: Bool

    package init(own: Set<UUID>, waits: Bool) {
        self.own = own
        self.waits = waits
    }
}

/// What became of an upload that came.
package enum JobAdmission: Sendable, Hashable {
    case waits
    /// It is there already.
    case known
    /// It was cancelled before it came, for this reason; it is ended.
    case cancelled(reason: String?)
}

extension Timestamp {
    /// The last moment that it can mean: many programs write whole seconds.
    package var latest: Timestamp {
        Timestamp(milliseconds: milliseconds % 1000 == 0 ? milliseconds + 999 : milliseconds)
    }

    /// Whether it is earlier however its writer rounded.
    package func isSurelyBefore(_ other: Timestamp) -> Bool { latest < other }
}
