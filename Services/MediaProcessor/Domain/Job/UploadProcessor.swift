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

    /// Processes one upload; see ``JobRunner/run(_:source:parts:mayPublish:progress:)`` for `mayPublish` and `progress`.
    package func process(
        eventID: UUID,
        mediaID: UUID,
        sourceURI: String,
        parts: PartRecord = PartRecord(),
        mayPublish: @escaping @Sendable () async -> Bool,
        progress: @escaping @Sendable (JobProgress) -> Void
    ) async -> JobOutcome {
        var job = MediaJob(eventID: eventID, mediaID: mediaID, sourceURI: sourceURI, settings: settings)
        do throws(ObjectStoreError) {
            if let asset = try await catalog.asset(of: mediaID) {
                if asset.isMade(for: job) { return .made(asset) }
                job.prefix = Self.prefix(for: eventID)
            }
        } catch {
            return .failed(MediaError(.storageFailed, error.message, retryable: true))
        }
        do throws(MediaError) {
            let source = try await sources.open(sourceURI)
            return await runner.run(job, source: source, parts: parts, mayPublish: mayPublish, progress: progress)
        } catch {
            return .failed(error)
        }
    }

    /// A folder of its own for a media that is uploaded anew: what is published stays whole until the new playlists
    /// replace the old, and segments that caches hold for a year never change under their names.
    private static func prefix(for eventID: UUID) -> String { "r-\(eventID.lowercased)/" }

    /// Begins to shut down.
    package func drain() { runner.drain() }
}

extension AssetDescription {
    fileprivate func isMade(for job: MediaJob) -> Bool {
        eventID == job.eventID.lowercased && sourceURI == job.sourceURI
    }
}
