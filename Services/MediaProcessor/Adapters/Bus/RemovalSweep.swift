package import EventSchema
package import Logging
package import MediaDomain
import Messaging
package import ObjectStorage
package import Persistence
import ServiceLifecycle

/// Removes versions of media that were replaced or given up, once nobody needs them any more.
///
/// Any processor may do it, and again if one dies at it: removing what is gone does nothing.
package struct RemovalSweep: Service {
    /// When a removal that did not end is tried again.
    private static let patience = Duration.seconds(120)

    private let database: any Database
    private let removals: any VersionRemovals<SQLTransaction>
    private let catalog: AssetCatalog
    private let remover: VersionRemover
    private let interval: Duration
    private let logger: Logger

    package init(
        database: any Database,
        removals: any VersionRemovals<SQLTransaction>,
        store: any ObjectStore,
        interval: Duration = .seconds(5),
        logger: Logger
    ) {
        self.database = database
        self.removals = removals
        catalog = AssetCatalog(store: store)
        remover = VersionRemover(store: store)
        self.interval = interval
        self.logger = logger
    }

    /// Removes what is due, now and then, until graceful shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    while !Task.isCancelled, try await removeNext(now: .now) {}
                } catch {
                    logger.warning("replaced versions not removed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Removes one version whose time has come; false if there is none.
    package func removeNext(now: Timestamp) async throws -> Bool {
        let retry = Timestamp(milliseconds: now.milliseconds + Int64(Self.patience / .milliseconds(1)))
        let taken = try await database.write { [removals] in try removals.take(now: now, retry: retry, in: $0) }
        guard let removal = taken else { return false }
        let published = try await catalog.asset(of: removal.mediaID)
        // It is what viewers see: whoever wanted it removed has been overtaken.
        if published?.prefix != removal.prefix {
            let isAlone = try await database.read { [removals] in
                try !removals.hasOpenJob(of: removal.mediaID, in: $0)
            }
            // Whether the playlists go with it is known once the other job has ended; it comes again by then.
            guard published != nil || isAlone else { return true }
            try await remover.remove(removal, withFront: published == nil)
        }
        try await database.write { [removals] in try removals.finish(removal, in: $0) }
        logger.info(
            "version removed",
            metadata: ["media.id": "\(removal.mediaID.lowercased)", "media.prefix": "\(removal.prefix)"]
        )
        return true
    }
}
