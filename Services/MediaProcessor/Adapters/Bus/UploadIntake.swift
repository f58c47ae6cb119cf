import EventSchema
package import MediaDomain
package import Messaging
package import Persistence
import ServiceLifecycle

/// Takes `media.uploaded` from the queue and makes jobs of them, so that no delivery is held while one is worked on; and
/// `media.cancel`, which takes them back.
package struct UploadIntake: Service {
    /// How many events are in hand at once; each only waits for a commit.
    private static let prefetch = 100

    private let consumer: any MessageConsumer
    private let inbox: Inbox
    private let jobs: any JobTable<SQLTransaction>
    private let announcer: MediaAnnouncer
    private let canceller: JobCanceller
    private let decoder: EventDecoder
    private let wake: @Sendable () -> Void

    /// - Parameter wake: Called when there is a new job.
    package init(
        consumer: any MessageConsumer,
        inbox: Inbox,
        jobs: any JobTable<SQLTransaction>,
        announcer: MediaAnnouncer,
        canceller: JobCanceller,
        decoder: EventDecoder = EventDecoder(),
        wake: @escaping @Sendable () -> Void
    ) {
        self.consumer = consumer
        self.inbox = inbox
        self.jobs = jobs
        self.announcer = announcer
        self.canceller = canceller
        self.decoder = decoder
        self.wake = wake
    }

    /// Consumes until graceful shutdown; then takes nothing more and returns when what is in hand is settled.
    package func run() async throws {
        let handlers = handlers
        let subscription = Subscription(.queue(Topology.Queue.mediaProcess), prefetch: Self.prefetch)
        try await cancelWhenGracefulShutdown {
            try await consumer.consume(subscription) { await handlers.handle($0) }
        }
    }

    /// What is done with each delivery; what cannot be read is parked with the reason.
    package var handlers: EventHandlers {
        var handlers = EventHandlers(decoder: decoder)
        handlers.on(MediaUploaded.self, once: inbox) { [jobs, announcer, wake] received, work in
            let job = UploadJob(received)
            switch try jobs.add(job, in: work.transaction) {
            case .waits: work.afterCommit(wake)
            case .known: break
            case .cancelled(let reason):
                let message = announcer.cancelled(job, because: reason)
                try work.publish(message, to: .events(message))
            }
        }
        handlers.on(MediaCancel.self, once: inbox) { [canceller] received, work in
            try canceller.cancel(CancelRequest(received), in: work.transaction)
        }
        return handlers
    }
}

extension UploadJob {
    fileprivate init(_ received: EventHandlers.Received<MediaUploaded>) {
        self.init(
            eventID: received.envelope.eventID,
            mediaID: received.payload.mediaID,
            userID: received.payload.userID,
            sourceURI: received.payload.filePath,
            traceParent: received.trace.traceParent,
            traceState: received.trace.traceState,
            sentAt: received.envelope.timestamp
        )
    }
}

extension CancelRequest {
    fileprivate init(_ received: EventHandlers.Received<MediaCancel>) {
        self.init(
            mediaID: received.payload.mediaID,
            reason: received.payload.reason,
            sentAt: received.envelope.timestamp
        )
    }
}
