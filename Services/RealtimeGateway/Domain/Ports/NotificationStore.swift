package import EventSchema

/// Where notifications are kept.
package protocol NotificationStore: Sendable {
    /// The newest unread ones of a user, the newest last.
    func unread(of userID: String, limit: Int) async throws(Refusal) -> [UserNotification]

    func unreadCount(of userID: String) async throws(Refusal) -> Int

    /// Notes that a notification was read, and has all nodes told in the same transaction if it was not before.
    ///
    /// - Returns: When it was read first, and whether that is now; `nil` if the user has no such notification.
    func markRead(_ reading: NotificationRead) async throws(Refusal) -> (readAt: Timestamp, isNews: Bool)?
}

/// What can be done to notifications within a transaction.
package protocol NotificationTransaction {
    /// Adds a notification, unless it is there; of one user ``NotificationInbox/capacity`` are kept, the newest.
    func add(_ notification: UserNotification) throws
}
