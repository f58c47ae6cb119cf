package import EventSchema
package import Foundation

/// What is known of a job, for whoever asks.
package struct JobRecord: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case waiting, running, cancelling, ended
    }

    /// How a job ended, in a word of few.
    package enum Outcome: String, Sendable, Hashable {
        case ready, failed, cancelled, replaced
    }

    package var job: UploadJob
    package var state: State
    /// `made`, `replaced`, `cancelled`, or the reason of the failure; `nil` as long as it has not ended.
    package var word: String?
    /// A sentence for people about the end, or about why it is tried again.
    package var message: String?
    package var attempts: Int
    /// Who works on it, or did last.
    package var node: String?
    package var startedAt: Timestamp?
    package var endedAt: Timestamp?
    /// When a job that waits may be begun, and when the lease on one that runs ends.
    package var dueAt: Timestamp
    package var place: JobPlace?
    package var progress: JobProgress?
    package var result: JobResult?
    /// Seconds that it was worked on.
    package var worked: Double

    package var outcome: Outcome? {
        switch word {
        case nil: nil
        case "made": .ready
        case "replaced": .replaced
        case "cancelled": .cancelled
        default: .failed
        }
    }

    package init(
        job: UploadJob,
        state: State,
        word: String?,
        message: String?,
        attempts: Int,
        node: String?,
        startedAt: Timestamp?,
        endedAt: Timestamp?,
        dueAt: Timestamp,
        place: JobPlace?,
        progress: JobProgress?,
        result: JobResult?,
        worked: Double
    ) {
        self.job = job
        self.state = state
        self.word = word
        self.message = message
        self.attempts = attempts
        self.node = node
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.dueAt = dueAt
        self.place = place
        self.progress = progress
        self.result = result
        self.worked = worked
    }
}

/// Something that happened to a job.
package struct JobHistoryEntry: Sendable, Hashable {
    package enum What: String, Sendable, Hashable, CaseIterable {
        case received, started, progress, publishing, retried, interrupted, yielded, ended
        case cancelRequested = "cancel_requested"
    }

    package var at: Timestamp
    package var what: What
    /// Further facts: `node`, `attempt`, `stage`, `percent`, `reason`, `message`.
    package var facts: JSONObject

    package init(at: Timestamp, what: What, facts: JSONObject = [:]) {
        self.at = at
        self.what = what
        self.facts = facts
    }
}

/// Which jobs are asked for.
package struct JobFilter: Sendable, Hashable {
    package var state: JobRecord.State?
    package var userID: String?
    package var mediaID: UUID?
    /// Only jobs that come behind this one.
    package var after: JobPosition?

    package init(
        state: JobRecord.State? = nil,
        userID: String? = nil,
        mediaID: UUID? = nil,
        after: JobPosition? = nil
    ) {
        self.state = state
        self.userID = userID
        self.mediaID = mediaID
        self.after = after
    }
}

/// A place in the list of jobs, the newest first.
package struct JobPosition: Sendable, Hashable {
    package let receivedAt: Timestamp
    package let eventID: UUID

    package init(receivedAt: Timestamp, eventID: UUID) {
        self.receivedAt = receivedAt
        self.eventID = eventID
    }
}

/// Tells of jobs, whichever processor works on them.
package protocol JobArchive: Sendable {
    /// The newest first, at most `limit`.
    func jobs(_ filter: JobFilter, limit: Int) async throws -> [JobRecord]

    /// One job and what happened to it, in order; `nil` if there is none.
    func job(_ eventID: UUID) async throws -> (JobRecord, [JobHistoryEntry])?
}
