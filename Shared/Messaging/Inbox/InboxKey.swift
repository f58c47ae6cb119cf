import Crypto
package import EventSchema
package import Foundation

/// By what a consumer knows an event that it has done, and another one that only claims its id.
package struct InboxKey: Sendable, Hashable {
    /// Whose inbox: the queue's name, or a part of what is done about its events.
    package let consumer: String
    package let eventID: UUID
    /// 16 bytes of the body's SHA-256.
    let digest: [UInt8]

    package init(consumer: String, eventID: UUID, body: [UInt8]) {
        self.consumer = consumer
        self.eventID = eventID
        digest = Array(SHA256.hash(data: body).prefix(16))
    }

    /// The event of a delivery, for the consumers of its queue.
    package init(_ envelope: Envelope, _ delivery: Delivery) {
        self.init(consumer: delivery.queue, eventID: envelope.eventID, body: delivery.message.body)
    }
}
