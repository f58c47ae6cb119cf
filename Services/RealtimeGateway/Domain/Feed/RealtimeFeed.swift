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
        RealtimeBroadcast.eventType,
    ]

    private let broadcaster: any EventBroadcaster
    private let state: Mutex<State>

    /// Remembers the last `capacity` uploads and as many event ids.
    package init(broadcaster: any EventBroadcaster, capacity: Int = 10_000) {
        self.broadcaster = broadcaster
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
        let payload = try EventCatalog.decode(envelope)
        let text = Self.text(of: "payload", in: body)
        // The lock is held while the pushes leave, which is what keeps their order.
        state.withLock { state in
            switch payload {
            case let progress as MediaProgress: show(progress, envelope, text, &state)
            case let event: showOnce(event, envelope, text, &state)
            }
        }
    }

    private func showOnce(_ event: any EventPayload, _ envelope: Envelope, _ text: [UInt8], _ state: inout State) {
        guard state.seen[envelope.eventID] == nil else { return }
        state.seen.set(envelope.eventID, true)
        switch event {
        case let ready as MediaReady: show(envelope, text, ready.mediaID, ready.userID, &state)
        case let failed as MediaFailed: show(envelope, text, failed.mediaID, failed.userID, &state)
        case let notification as NotificationInApp: show(notification)
        case let broadcast as RealtimeBroadcast:
            let payload = Self.text(of: "payload", in: text)
            broadcaster.broadcast(topic: broadcast.topic, event: broadcast.event, payload: payload)
        default: break
        }
    }

    // MARK: Media

    /// Progress is sent often and by a way of its own, so it may come behind what was said after it.
    private func show(_ progress: MediaProgress, _ envelope: Envelope, _ text: [UInt8], _ state: inout State) {
        let last = state.media[progress.mediaID.lowercased]?.status
        if let last, last.timestamp > envelope.timestamp { return }
        show(envelope, text, progress.mediaID, progress.userID, &state)
    }

    private func show(_ envelope: Envelope, _ text: [UInt8], _ mediaID: UUID, _ owner: String?, _ state: inout State) {
        let id = mediaID.lowercased
        var media = state.media[id] ?? Media()
        media.owner = owner ?? media.owner
        media.status = MediaStatus(event: envelope.eventType, payload: text, timestamp: envelope.timestamp)
        state.media.set(id, media)
        broadcaster.broadcast(topic: Topic.media(id).name, event: envelope.eventType, payload: text)
        guard let owner = media.owner else { return }
        broadcaster.broadcast(topic: Topic.user(owner).name, event: envelope.eventType, payload: text)
    }

    // MARK: Notifications

    private func show(_ notification: NotificationInApp) {
        let payload: JSONObject = [
            "id": .string(notification.notificationID.lowercased),
            "title": .string(notification.title),
            "body": .string(notification.body),
            "data": .object(notification.data),
            "created_at": .string(notification.createdAt.description),
        ]
        broadcaster.broadcast(
            topic: Topic.user(notification.userID).name,
            event: "notification",
            payload: JSONValue.object(payload).encoded
        )
    }

    // MARK: Splicing

    /// The text of one member of an object, as it came.
    private static func text(of member: String, in object: [UInt8]) -> [UInt8] {
        let bytes = object.span
        guard let range = try? JSONMembers(scanning: bytes).value(of: member, in: bytes) else { return [] }
        return Array(object[range])
    }
}
