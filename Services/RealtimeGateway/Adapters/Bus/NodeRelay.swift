import EventSchema
package import Messaging
package import Persistence
package import RealtimeDomain
import ServiceLifecycle

/// Hands events that must not be lost to every node of the gateway.
///
/// The nodes share one durable queue, so an event that comes while all of them are down waits there. One node takes it and
/// notes in one transaction that it did and what the nodes are to hear, itself included; an event that comes twice is
/// handed on once. What backends say of conversations, and notifications, are written down in the same transaction.
package struct NodeRelay: Service {
    /// How many events are in hand at once; each only waits for a commit.
    private static let prefetch = 100

    private let consumer: any MessageConsumer
    private let inbox: Inbox
    private let decoder: EventDecoder
    private let conversations: @Sendable (SQLTransaction) -> any ConversationTransaction
    private let notifications: @Sendable (SQLTransaction) -> any NotificationTransaction

    /// - Parameters:
    ///   - conversations: What can be done to conversations within a transaction of the inbox.
    ///   - notifications: The same for notifications.
    package init(
        consumer: any MessageConsumer,
        inbox: Inbox,
        decoder: EventDecoder = EventDecoder(),
        conversations: @escaping @Sendable (SQLTransaction) -> any ConversationTransaction,
        notifications: @escaping @Sendable (SQLTransaction) -> any NotificationTransaction
    ) {
        self.consumer = consumer
        self.inbox = inbox
        self.decoder = decoder
        self.conversations = conversations
        self.notifications = notifications
    }

    package func run() async throws {
        let handlers = handlers
        let subscription = Subscription(.queue(Topology.Queue.realtimeEvents), prefetch: Self.prefetch)
        try await cancelWhenGracefulShutdown {
            try await consumer.consume(subscription) { await handlers.handle($0) }
        }
    }

    /// What is done with each delivery; what cannot be read is parked with the reason.
    var handlers: EventHandlers {
        var handlers = EventHandlers(decoder: decoder)
        handlers.on(MediaReady.self, once: inbox) { try relay($0.envelope, $0.trace, $1) }
        handlers.on(MediaFailed.self, once: inbox) { try relay($0.envelope, $0.trace, $1) }
        handlers.on(NotificationInApp.self, once: inbox) { received, work in
            let notification = UserNotification(received.payload)
            if notification.weight <= UserNotification.maximumWeight {
                try notifications(work.transaction).add(notification)
            }
            try relay(received.envelope, received.trace, work)
        }
        handlers.on(RealtimeBroadcast.self, once: inbox) { try relay($0.envelope, $0.trace, $1) }
        handlers.on(StreamLive.self, once: inbox) { received, work in
            try introduce(received, work)
            try relay(received.envelope, received.trace, work)
        }
        handlers.on(StreamOffline.self, once: inbox) { try relay($0.envelope, $0.trace, $1) }
        handlers.on(StreamFailed.self, once: inbox) { try relay($0.envelope, $0.trace, $1) }
        handlers.on(ConversationUpdated.self, once: inbox) { received, work in
            try relay(editor(work).apply(received.payload), of: received.envelope, received.trace, work)
        }
        handlers.on(MemberUpdated.self, once: inbox) { received, work in
            let change = try editor(work).apply(MemberUpdate(received.payload))
            try relay(change, of: received.envelope, received.trace, work)
        }
        return handlers
    }

    private func editor(_ work: UnitOfWork) -> ConversationEditor {
        ConversationEditor(conversations(work.transaction), at: .now)
    }

    /// Describes a stream as it is announced, unless its backend has.
    private func introduce(_ received: EventHandlers.Received<StreamLive>, _ work: UnitOfWork) throws {
        let event = received.payload
        let update = ConversationUpdate(ConversationKey(.stream, event.streamID), name: event.title)
        guard let change = try editor(work).introduce(update) else { return }
        let cause = received.envelope
        let envelope = Envelope(
            change,
            eventID: .derived(from: cause.eventID, ConversationChange.eventType),
            timestamp: cause.timestamp,
            source: cause.source
        )
        try relay(envelope, received.trace, work)
    }

    /// Hands on what has come of an event, under the event's id.
    private func relay(
        _ change: some EventPayload,
        of event: Envelope,
        _ trace: TraceContext,
        _ work: UnitOfWork
    ) throws(DatabaseError) {
        let envelope = Envelope(change, eventID: event.eventID, timestamp: event.timestamp, source: event.source)
        try relay(envelope, trace, work)
    }

    private func relay(_ envelope: Envelope, _ trace: TraceContext, _ work: UnitOfWork) throws(DatabaseError) {
        let destination = Destination(exchange: Topology.Exchange.realtimeNodes, routingKey: envelope.eventType)
        try work.publish(Message(envelope, trace: trace), to: destination)
    }
}
