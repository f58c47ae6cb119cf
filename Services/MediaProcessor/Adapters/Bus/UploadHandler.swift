import EventSchema
package import Logging
package import MediaDomain
package import Messaging

/// Handles `media.uploaded`: does the work, announces its end, and only then lets the broker forget the upload.
///
/// Each upload ends in exactly one `media.ready` or `media.failed`, by the event's id. Trouble with the object store is
/// tried again a few times first; trouble with the broker leaves the upload in the queue.
package struct UploadHandler: Sendable {
    /// How often an upload is tried when the store fails.
    private static let storageAttempts = 4

    private let processor: UploadProcessor
    private let announcer: MediaAnnouncer
    private let metrics: JobMetrics
    private let logger: Logger
    private let progressInterval: Duration
    private let registry = JobRegistry()

    package init(
        processor: UploadProcessor,
        announcer: MediaAnnouncer,
        metrics: JobMetrics,
        progressInterval: Duration = .milliseconds(500),
        logger: Logger
    ) {
        self.processor = processor
        self.announcer = announcer
        self.metrics = metrics
        self.progressInterval = progressInterval
        self.logger = logger
    }

    package func handle(_ delivery: Delivery) async -> Settlement {
        var handlers = EventHandlers()
        handlers.on(MediaUploaded.self) { received in await handle(Upload(received), received.delivery) }
        return await handlers.handle(delivery)
    }

    private func handle(_ upload: Upload, _ delivery: Delivery) async -> Settlement {
        await withTaskCancellationHandler {
            await registry.run(
                eventID: upload.eventID,
                mediaID: upload.mediaID,
                isRedelivery: delivery.redelivered
            ) {
                await settle(upload, await work(on: upload), attempt: delivery.attempt)
            }
        } onCancel: {
            // The consumer stops: jobs get their time and then give back what they hold.
            processor.drain()
        }
    }

    private func work(on upload: Upload) async -> JobOutcome {
        let announcements = ProgressAnnouncements(interval: progressInterval)
        let start = ContinuousClock.now
        metrics.began()
        let outcome = await announcements.during {
            await processor.process(
                eventID: upload.eventID,
                mediaID: upload.mediaID,
                sourceURI: upload.sourceURI,
                progress: announcements.report
            )
        } announce: { progress in
            await announcer.announce(progress, for: upload)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        metrics.ended(outcome, after: seconds)
        log(outcome, of: upload, after: seconds)
        return outcome
    }

    private func settle(_ upload: Upload, _ outcome: JobOutcome, attempt: Int) async -> Settlement {
        do throws(MessagingError) {
            switch outcome {
            case .made(let asset): try await announcer.announce(asset, for: upload)
            case .failed(let error) where error.reason == .storageFailed && attempt < Self.storageAttempts:
                return .retry(after: .seconds(5 * attempt), reason: error.description)
            case .failed(let error): try await announcer.announce(error, for: upload)
            case .interrupted: return .release
            }
            return .acknowledge
        } catch {
            logger.warning(
                "result not announced",
                metadata: ["media.id": "\(upload.mediaID.lowercased)", "error": "\(error)"]
            )
            return .retry(after: .seconds(5), reason: "the result could not be announced: \(error)")
        }
    }

    private func log(_ outcome: JobOutcome, of upload: Upload, after seconds: Double) {
        var facts: Logger.Metadata = [
            "media.id": "\(upload.mediaID.lowercased)", "event.id": "\(upload.eventID.lowercased)",
            "job.outcome": "\(outcome.word)", "job.seconds": "\((seconds * 100).rounded() / 100)",
        ]
        if case .failed(let error) = outcome { facts["job.message"] = "\(error.message)" }
        if case .made(let asset) = outcome { facts["media.seconds"] = "\(asset.duration)" }
        logger.info("job ended", metadata: facts)
    }
}
