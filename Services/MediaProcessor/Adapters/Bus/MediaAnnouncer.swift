import EventSchema
import Foundation
import MediaDomain
package import Messaging

/// Says what becomes of an upload, under ids that follow from the upload's own.
///
/// Work that is repeated says the same under the same ids, so that receivers count one.
package struct MediaAnnouncer: Sendable {
    private let publisher: EventPublisher
    private let urls: MediaURLs

    package init(publisher: EventPublisher, urls: MediaURLs) {
        self.publisher = publisher
        self.urls = urls
    }

    /// The event that an upload is playable.
    func ready(_ asset: AssetDescription, for job: UploadJob) -> Message {
        message(urls.ready(asset, mediaID: job.mediaID, userID: job.userID), for: job)
    }

    /// The event that an upload will not become playable.
    func failed(_ error: MediaError, for job: UploadJob) -> Message {
        let failed = MediaFailed(
            mediaID: job.mediaID,
            userID: job.userID,
            reason: error.reason.rawValue,
            message: error.message,
            retryable: error.retryable
        )
        return message(failed, for: job)
    }

    /// The event that an upload was taken back.
    func cancelled(_ job: UploadJob, because reason: String?) -> Message {
        failed(.cancelled(because: reason), for: job)
    }

    /// Says how far an upload is, if the broker listens just now.
    ///
    /// - Parameter tellsAddress: Whether to say where it can be watched, which has to be confirmed.
    /// - Returns: Whether the broker has taken it.
    @discardableResult
    func announce(_ progress: JobProgress, for job: UploadJob, tellsAddress: Bool = false) async -> Bool {
        let event = MediaProgress(
            mediaID: job.mediaID,
            userID: job.userID,
            stage: progress.stage.rawValue,
            percent: progress.percent,
            etaSeconds: progress.etaSeconds,
            playableURL: tellsAddress ? urls.playable(mediaID: job.mediaID) : nil
        )
        let envelope = Envelope(event, source: publisher.source)
        let guarantee: PublishGuarantee = tellsAddress ? .confirmed : .bestEffort
        do {
            try await publisher.publish(envelope, trace: .current ?? job.trace, guarantee: guarantee)
            return true
        } catch {
            // The next report makes good what is lost.
            return false
        }
    }

    private func message(_ payload: some EventPayload, for job: UploadJob) -> Message {
        let eventID = UUID.derived(from: job.eventID, type(of: payload).eventType)
        return Message(Envelope(payload, eventID: eventID, source: publisher.source), trace: .current ?? job.trace)
    }
}

extension MediaError {
    /// The error that is none of ours: a backend does not want the media any more.
    static func cancelled(because reason: String?) -> MediaError {
        MediaError(.cancelled, reason.map { "cancelled: \($0)" } ?? "cancelled")
    }
}

extension UploadJob {
    /// That of the upload.
    var trace: TraceContext { TraceContext(traceParent: traceParent, traceState: traceState) }
}
