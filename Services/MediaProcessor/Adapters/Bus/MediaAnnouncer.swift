import EventSchema
import Foundation
import MediaDomain
package import Messaging

/// Tells the bus what becomes of an upload, under ids that follow from the upload's own.
///
/// Work that is repeated announces the same events under the same ids, so that receivers count one.
package struct MediaAnnouncer: Sendable {
    private let publisher: EventPublisher
    private let urls: MediaURLs

    package init(publisher: EventPublisher, urls: MediaURLs) {
        self.publisher = publisher
        self.urls = urls
    }

    /// Says that an upload is playable; returns when the broker has it.
    func announce(_ asset: AssetDescription, for upload: Upload) async throws(MessagingError) {
        let ready = urls.ready(asset, mediaID: upload.mediaID, userID: upload.userID)
        try await publish(ready, for: upload)
    }

    /// Says that an upload will not become playable; returns when the broker has it.
    func announce(_ error: MediaError, for upload: Upload) async throws(MessagingError) {
        let failed = MediaFailed(
            mediaID: upload.mediaID,
            userID: upload.userID,
            reason: error.reason.rawValue,
            message: error.message,
            retryable: error.retryable
        )
        try await publish(failed, for: upload)
    }

    /// Says how far an upload is, if the broker listens just now.
    func announce(_ progress: JobProgress, for upload: Upload) async {
        let event = MediaProgress(
            mediaID: upload.mediaID,
            userID: upload.userID,
            stage: progress.stage.rawValue,
            percent: progress.percent,
            etaSeconds: progress.etaSeconds
        )
        let envelope = Envelope(event, source: publisher.source)
        // The next report makes good what is lost.
        try? await publisher.publish(envelope, trace: upload.trace, guarantee: .bestEffort)
    }

    private func publish(_ payload: some EventPayload, for upload: Upload) async throws(MessagingError) {
        let eventID = UUID.derived(from: upload.eventID, type(of: payload).eventType)
        let envelope = Envelope(payload, eventID: eventID, source: publisher.source)
        try await publisher.publish(envelope, trace: upload.trace)
    }
}
