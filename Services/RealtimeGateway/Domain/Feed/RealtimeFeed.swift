package import EventSchema
import Foundation
import Synchronization

/// Turns events from the bus into what clients of this node see.
///
/// An event that comes twice is shown once, so far as the last ten thousand tell; progress that was overtaken is not shown.
/// Pushes leave in the order in which events were accepted, from whatever thread.
package final class RealtimeFeed: Sendable {
    private struct Media {
        var owner: String?
        var status: MediaStatus?
    }

    private struct State {
        var media: RecentValues<String, Media>
        var seen: RecentValues<UUID, Bool>
    }

    /// The event types that clients hear of.
    package static let eventTypes: Set<String> = [
        MediaProgress.eventType, MediaReady.eventType, MediaFailed.eventType, NotificationInApp.eventType,
        RealtimeBroadcast.eventType, ConversationChange.eventType, MembershipChange.eventType,
        NotificationRead.eventType, StreamLive.eventType, StreamOffline.eventType, StreamFailed.eventType,
        UserOnline.eventType, UserOffline.eventType,
    ]

    private let broadcaster: any EventBroadcaster
    private let users: any UserAudience
    private let streams: any StreamAudience
    private let statuses: any UserStatusAudience
    private let node: String?
    private let state: Mutex<State>

    /// Remembers the last `capacity` uploads and as many event ids.
    ///
    /// - Parameters:
    ///   - users: Hear what concerns a user alone, and spell it in words of their own.
    ///   - streams: Hear what becomes of live streams.
    ///   - statuses: Hear who comes and goes.
    ///   - node: What this node is called among the others: its clients know already what it says itself.
    package init(
        broadcaster: any EventBroadcaster,
        users: any UserAudience = [],
        streams: any StreamAudience = [],
        statuses: any UserStatusAudience = [],
        node: String? = nil,
        capacity: Int = 10_000
    ) {
        self.broadcaster = broadcaster
        self.users = users
        self.streams = streams
        self.statuses = statuses
        self.node = node
        state = Mutex(State(media: RecentValues(capacity: capacity), seen: RecentValues(capacity: capacity)))
    }

    /// The last that was heard of upload `mediaID`.
    package func status(of mediaID: String) -> MediaStatus? {
        state.withLock { $0.media[mediaID]?.status }
    }

    /// Shows the event in `body`, an envelope in JSON, to whom it concerns; types that concern nobody are ignored.
    ///
    /// - Throws: ``SchemaError`` if it cannot be read.
    package func accept(_ body: [UInt8]) throws(SchemaError) {
        let envelope = try Envelope(parsing: body)
        guard Self.eventTypes.contains(envelope.eventType) else { return }
        let payload = try Self.payload(of: envelope)
        let text = Self.text(of: "payload", in: body)
        // The lock is held while the pushes leave, which is what keeps their order.
        state.withLock { state in
            switch payload {
            case let progress as MediaProgress: show(progress, envelope, text, &state)
            case let event: showOnce(event, envelope, text, &state)
            }
        }
    }

    private static func payload(of envelope: Envelope) throws(SchemaError) -> any EventPayload {
        if let event = try NodeEvents.decode(envelope) { return event }
        return try EventCatalog.decode(envelope)
    }

    private func showOnce(_ event: any EventPayload, _ envelope: Envelope, _ text: [UInt8], _ state: inout State) {
        let isFirst = state.seen[envelope.eventID] == nil
        state.seen.set(envelope.eventID, true)
        switch event {
        case let ready as MediaReady: decide(envelope, text, ready.mediaID, ready.userID, isFirst, &state)
        case let failed as MediaFailed: decide(envelope, text, failed.mediaID, failed.userID, isFirst, &state)
        case let notification as NotificationInApp where isFirst:
            users.tell(.notified(UserNotification(notification)), of: notification.userID)
        case let broadcast as RealtimeBroadcast where isFirst:
            let payload = Self.text(of: "payload", in: text)
            broadcaster.broadcast(topic: broadcast.topic, event: broadcast.event, payload: payload)
        case let stream as StreamLive where isFirst: streams.tell(.live(stream))
        case let stream as StreamOffline where isFirst: streams.tell(.offline(stream))
        case let stream as StreamFailed where isFirst: streams.tell(.failed(stream))
        case let event as UserOnline where isFirst: statuses.tell(event.status, isOnline: true)
        case let event as UserOffline where isFirst: statuses.tell(event.status, isOnline: false)
        case let reading as NotificationRead where isFirst && reading.node != node:
            users.tell(.notificationRead(reading.id, at: reading.readAt), of: reading.userID)
        case let change as ConversationChange where isFirst: WorkspaceNews.news(of: change).forEach(show)
        case let change as MembershipChange where isFirst: WorkspaceNews.news(of: change).forEach(show)
        default: break
        }
    }

    private func show(_ news: WorkspaceNews) {
        broadcaster.broadcast(
            topic: news.topic.name,
            event: news.event,
            payload: JSONValue.object(news.payload).encoded
        )
    }

    // MARK: Media

    /// Progress is sent often and by a way of its own, so it may come behind what was said after it.
    ///
    /// It is not shown once the media is ready; after a failure it is the next attempt's, which is shown, but what late
    /// joiners learn stays the failure until that attempt has ended.
    private func show(_ progress: MediaProgress, _ envelope: Envelope, _ text: [UInt8], _ state: inout State) {
        let last = state.media[progress.mediaID.lowercased]?.status
        if let last, last.event == MediaReady.eventType || last.timestamp > envelope.timestamp { return }
        let owner = remember(
            last?.isFinal == true ? last : status(envelope, text),
            progress.mediaID,
            progress.userID,
            &state
        )
        push(envelope, text, progress.mediaID, owner)
    }

    /// Notes how the media ended; a repetition is noted too, in case the first was forgotten, but not shown again.
    private func decide(
        _ envelope: Envelope,
        _ text: [UInt8],
        _ mediaID: UUID,
        _ userID: String?,
        _ isFirst: Bool,
        _ state: inout State
    ) {
        let last = state.media[mediaID.lowercased]?.status
        let isOvertaken = last.map { $0.isFinal && $0.timestamp > envelope.timestamp } ?? false
        let owner = remember(isOvertaken ? last : status(envelope, text), mediaID, userID, &state)
        if isFirst { push(envelope, text, mediaID, owner) }
    }

    private func status(_ envelope: Envelope, _ text: [UInt8]) -> MediaStatus {
        MediaStatus(event: envelope.eventType, payload: text, timestamp: envelope.timestamp)
    }

    /// Keeps a status, and the owner if this event names one; returns the owner, as far as it is known.
    private func remember(_ status: MediaStatus?, _ mediaID: UUID, _ owner: String?, _ state: inout State) -> String? {
        let id = mediaID.lowercased
        let owner = owner ?? state.media[id]?.owner
        state.media.set(id, Media(owner: owner, status: status))
        return owner
    }

    private func push(_ envelope: Envelope, _ text: [UInt8], _ mediaID: UUID, _ owner: String?) {
        let topics = [Topic.media(mediaID.lowercased)] + (owner.map { [Topic.user($0)] } ?? [])
        for topic in topics {
            broadcaster.broadcast(
                topic: topic.name,
                event: envelope.eventType,
                payload: text,
                isFleeting: envelope.eventType == MediaProgress.eventType
            )
        }
    }

    // MARK: Splicing

    /// The text of one member of an object, as it came.
    private static func text(of member: String, in object: [UInt8]) -> [UInt8] {
        let bytes = object.span
        guard let range = try? JSONMembers(scanning: bytes).value(of: member, in: bytes) else { return [] }
        return Array(object[range])
    }
}
