import EventSchema
import Foundation
import Messaging
import RabbitMQ

/// A message that waits for an operator, and what is known about how it came to that.
struct DeadLetter: Sendable {
    /// Where it waits: `media.process.parking`, `events.unrouted`.
    let queue: String
    let message: Message
    /// Where it was published last.
    let source: Destination

    init(queue: String, message: Message, source: Destination) {
        self.queue = queue
        self.message = message
        self.source = source
    }

    /// Its work queue; `nil` for what no queue wanted.
    var origin: String? {
        // By the queue it waits in, and not by its headers, which anybody may write.
        queue.hasSuffix(Self.suffix) ? String(queue.dropLast(Self.suffix.count)) : nil
    }

    /// Where it should go when it gets another chance.
    var home: Destination { origin.map { .queue($0) } ?? source }

    /// When it was parked, if anybody noted it: we do, and RabbitMQ where a delivery limit was reached.
    var parkedAt: Timestamp? {
        if let text = message.headers[MessageHeader.parkedAt]?.stringValue { return Timestamp(text) }
        return death?["time"]?.integerValue.flatMap { seconds in
            let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            return overflow ? nil : Timestamp(milliseconds: milliseconds)
        }
    }

    var reason: String {
        if let text = message.headers[MessageHeader.parkedReason]?.stringValue { return text }
        if let reason = death?["reason"]?.stringValue { return "given up by the broker: \(reason)" }
        return origin == nil ? "no queue takes \(source.routingKey) of exchange \(source.exchange)" : "unknown"
    }

    var attempts: Int { max(1, Int(clamping: message.headers[MessageHeader.attempt]?.integerValue ?? 1)) }

    var type: String? { envelope?.eventType ?? message.type }

    /// What it is called here: its message id, else its event's id as services make it out, else one that follows from what it holds.
    var id: String {
        if let id = message.messageID, !id.isEmpty { return id }
        if let id = envelope?.eventID { return id.lowercased }
        let content = message.publishedKey(source) + "\n" + String(decoding: message.body, as: UTF8.self)
        return UUID.derived(from: Self.nobody, content).lowercased
    }

    /// The event as services read it.
    private var envelope: Envelope? {
        var message = message
        message.headers[MessageHeader.publishedKey] = .string(message.publishedKey(source))
        let delivery = Delivery(message: message, source: source, queue: queue, redelivered: false)
        return try? EventDecoder().envelope(of: delivery)
    }

    /// RabbitMQ's note on the last time that it moved the message on its own account.
    private var death: JSONValue? { message.headers["x-death"]?.arrayValue?.first }

    private static let suffix = ".parking"
    private static let nobody = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}
