package import EventSchema
package import Foundation

/// Something that a user is to be told.
package struct UserNotification: Sendable, Hashable {
    /// The `event_id` of its request: what every channel, retry and receiver knows it by.
    package let id: UUID
    package let userID: String
    package let title: String
    package let body: String
    /// Handed through to the receiver.
    package let data: JSONObject
    /// The words of the request's `type`: channels, or `auto`.
    package let requestedChannels: [String]
    /// The request's `to`: a webhook's URL, an e-mail address, a device.
    package let address: String?
    package let requestedAt: Timestamp

    package init(
        id: UUID,
        userID: String,
        title: String,
        body: String,
        data: JSONObject = [:],
        requestedChannels: [String],
        address: String? = nil,
        requestedAt: Timestamp
    ) {
        self.id = id
        self.userID = userID
        self.title = title
        self.body = body
        self.data = data
        self.requestedChannels = requestedChannels
        self.address = address
        self.requestedAt = requestedAt
    }

    /// The notification that `request`, which came in `envelope`, asks for.
    package init(_ request: NotificationRequested, in envelope: Envelope) {
        self.init(
            id: envelope.eventID,
            userID: request.userID,
            title: request.title,
            body: request.body,
            data: request.data,
            requestedChannels: request.types,
            address: request.to,
            requestedAt: envelope.timestamp
        )
    }
}
