import EventSchema
package import Foundation
import ObjectStorage

/// Makes an upload playable, unless it is already.
package struct UploadProcessor: Sendable {
    private let sources: any SourceOpener
    private let catalog: AssetCatalog
    private let runner: any JobRunner
    private let settings: TranscodeSettings

    package init(
        sources: any SourceOpener,
        catalog: AssetCatalog,
        runner: any JobRunner,
        settings: TranscodeSettings
    ) {
        self.sources = sources
        self.catalog = catalog
        self.runner = runner
        self.settings = settings
    }

    /// Processes one upload.
    ///
    /// One that was announced before the one that is published is left alone: backends' messages may overtake each other,
    /// and the last wish counts.
    package func process(_ upload: UploadJob, _ desk: JobDesk) async -> JobOutcome {
        var job = MediaJob(
            eventID: upload.eventID,
            mediaID: upload.mediaID,
            sourceURI: upload.sourceURI,
            uploadedAt: upload.sentAt,
            settings: settings
        )
        let published: AssetDescription?
        do throws(ObjectStoreError) {
            published = try await catalog.asset(of: upload.mediaID)
        } catch {
            return .failed(MediaError(.storageFailed, error.message, retryable: true))
        }
        if let published {
            if published.isMade(for: job) { return .made(published) }
            if published.isNewer(than: upload) { return .replaced(published) }
        }
        guard let prefix = await desk.place(published?.prefix) else { return .interrupted }
        job.prefix = prefix
        job.isReplacement = published != nil
        return await run(job, replacing: published?.prefix, desk)
    }

    private func run(_ job: MediaJob, replacing: String?, _ desk: JobDesk) async -> JobOutcome {
        do throws(MediaError) {
            let source = try await sources.open(job.sourceURI)
            return await runner.run(
                job,
                source: source,
                parts: desk.parts,
                slots: desk.slots,
                mayPublish: { await desk.mayPublish(replacing) },
                progress: desk.progress
            )
        } catch {
            return .failed(error)
        }
    }

    /// Has a job stop behind the part that is worked on.
    package func yield(_ eventID: UUID) { runner.yield(eventID) }

    /// Begins to shut down.
    package func drain() { runner.drain() }
}

extension AssetDescription {
    fileprivate func isMade(for job: MediaJob) -> Bool {
        eventID == job.eventID.lowercased && sourceURI == job.sourceURI
    }

    fileprivate func isNewer(than upload: UploadJob) -> Bool {
        uploadedAt.flatMap(Timestamp.init).map { upload.sentAt.isSurelyBefore($0) } ?? false
    }
}
