package import EventSchema
package import Foundation

/// What concerns one user, on all of their devices.
package enum UserEvent: Sendable, Hashable {
    case notified(UserNotification)
    case notificationRead(UUID, at: Timestamp)
}

/// Tells the clients of this node what concerns their user.
package protocol UserAudience: Sendable {
    /// Called in the order in which things happened, on any thread, maybe with a lock held; returns without waiting.
    func tell(_ event: UserEvent, of userID: String)
}

extension Array: UserAudience where Element == any UserAudience {
    package func tell(_ event: UserEvent, of userID: String) {
        for audience in self { audience.tell(event, of: userID) }
    }
}
