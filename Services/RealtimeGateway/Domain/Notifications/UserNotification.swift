package import EventSchema
package import Foundation

/// Something that a user is to know, as it lies in their inbox.
package struct UserNotification: Sendable, Hashable {
    /// Bytes of one that is kept; a larger one is shown to who is there, and not kept.
    package static let maximumWeight = 65_536
    /// Bytes of a type.
    private static let maximumType = 255

    package let id: UUID
    package let userID: String
    /// A word of the backend's: `thread_reply`; `notification` if it has none.
    package let type: String
    package let title: String
    package let body: String
    package let data: JSONObject
    package let createdAt: Timestamp
    /// `nil` while it is unread.
    package var readAt: Timestamp?

    package init(
        id: UUID,
        userID: String,
        type: String = "notification",
        title: String,
        body: String,
        data: JSONObject = [:],
        createdAt: Timestamp,
        readAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.type = type
        self.title = title
        self.body = body
        self.data = data
        self.createdAt = createdAt
        self.readAt = readAt
    }

    /// - Parameter event: Its `type` or `category`, or the `type` in its `data`, is the notification's.
    package init(_ event: NotificationInApp) {
        let words = [event.additional["type"], event.additional["category"], event.data["type"]]
        let type = words.lazy.compactMap { $0?.stringValue }.first { (1...Self.maximumType).contains($0.utf8.count) }
        self.init(
            id: event.notificationID,
            userID: event.userID,
            type: type.map(Self.storable) ?? "notification",
            title: Self.storable(event.title),
            body: Self.storable(event.body),
            data: event.data,
            createdAt: event.createdAt
        )
    }

    /// PostgreSQL's texts cannot hold U+0000, and nobody can see it.
    private static func storable(_ text: String) -> String {
        text.utf8.contains(0) ? String(text.unicodeScalars.filter { $0.value != 0 }.map(Character.init)) : text
    }

    /// About how many bytes it takes.
    package var weight: Int {
        title.utf8.count + body.utf8.count + type.utf8.count + JSONValue.object(data).encoded.count
    }
}
