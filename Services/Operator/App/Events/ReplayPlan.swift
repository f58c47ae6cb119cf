import EventSchema
import Foundation
import Messaging

/// Which messages are published again, as what, and to where.
struct ReplayPlan: Sendable {
    var type: String?
    /// Nothing that is older; `nil` for everything.
    var from: Timestamp?
    /// A queue; `nil` for the exchange of all events.
    var queue: String?
    var hasNewIDs = false
    /// When the replay began.
    var now = Timestamp.now

    /// A message to publish, and where.
    struct Copy: Sendable, Hashable {
        var message: Message
        var destination: Destination
    }

    /// The copy of a message; `nil` if it is not meant.
    ///
    /// Copies of earlier replays, which a stream kept beside their originals, are never meant.
    func copy(of record: MessageRecord) throws(CommandFailure) -> Copy? {
        let event = try? EventDecoder().envelope(of: record.delivery)
        let eventType = event?.eventType ?? record.message.type
        guard record.message.headers[MessageHeader.replayedAt] == nil else { return nil }
        if let type, eventType != type { return nil }
        if let from, let time = event?.timestamp ?? record.message.timestamp, time < from { return nil }
        var message = record.message.replayed(record.source, at: now)
        if hasNewIDs { renew(&message) }
        return Copy(message: message, destination: try destination(of: record, eventType))
    }

    private func destination(
        of record: MessageRecord,
        _ eventType: String?
    ) throws(CommandFailure) -> Destination {
        if let queue { return .queue(queue) }
        // Of a parked message the broker tells only the parking.
        let isAsPublished = record.source.exchange == Topology.Exchange.events
        let noted = record.message.headers[MessageHeader.publishedKey]?.stringValue
        guard let key = isAsPublished ? record.source.routingKey : noted ?? eventType else {
            throw CommandFailure(.invalidEvent, "a message without a type has no place in an exchange: use --to-queue")
        }
        return Destination(exchange: Topology.Exchange.events, routingKey: key)
    }

    /// A new id in the envelope, too: receivers go by that one.
    private func renew(_ message: inout Message) {
        let id = UUID()
        message.messageID = id.lowercased
        guard var envelope = try? Envelope(parsing: message.body) else { return }
        envelope.eventID = id
        message.body = envelope.encoded
    }
}
