package import EventSchema
package import Foundation

/// What users have been notified of and have not read, on whatever device.
package struct NotificationInbox: Sendable {
    /// Notifications of one user that are kept: the newest.
    package static let capacity = 1000

    private let store: any NotificationStore
    private let audience: any UserAudience
    private let node: String

    /// - Parameters:
    ///   - audience: The clients of this node; those of others hear of it over the bus.
    ///   - node: What this node is called among the others.
    package init(store: any NotificationStore, audience: any UserAudience, node: String) {
        self.store = store
        self.audience = audience
        self.node = node
    }

    /// The newest unread ones, the newest last.
    package func unread(of userID: String, limit: Int) async throws(Refusal) -> [UserNotification] {
        try await store.unread(of: userID, limit: min(limit, Self.capacity))
    }

    package func unreadCount(of userID: String) async throws(Refusal) -> Int {
        try await store.unreadCount(of: userID)
    }

    /// Marks a notification as read, and has all devices of the user told; once it returns that is durable.
    ///
    /// One that was read stays as it is, and nobody is told again.
    ///
    /// - Returns: When it was read first, and whether that is now; `nil` if the user has no such notification.
    package func markRead(
        _ id: UUID,
        of userID: String,
        at now: Timestamp
    ) async throws(Refusal) -> (readAt: Timestamp, isNews: Bool)? {
        let reading = NotificationRead(id: id, userID: userID, readAt: now, node: node)
        guard let readAt = try await store.markRead(reading) else { return nil }
        guard readAt.isNews else { return readAt }
        audience.tell(.notificationRead(id, at: now), of: userID)
        return readAt
    }
}
