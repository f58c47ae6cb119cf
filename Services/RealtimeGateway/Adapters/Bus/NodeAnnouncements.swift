package import EventSchema
package import Messaging
package import Persistence
import RealtimeDomain

/// Has every node of the gateway told of something, this one too, once what it belongs to is durable.
package struct NodeAnnouncements: Sendable {
    private let outbox: Outbox
    private let node: String

    /// - Parameter node: What this node is called among the others.
    package init(outbox: Outbox, node: String) {
        self.outbox = outbox
        self.node = node
    }

    /// Adds `event` to a transaction of the outbox's database.
    ///
    /// - Throws: ``Refusal`` with `unavailable`, before anything is done, if too much waits for the broker.
    package func add(_ event: any EventPayload, to transaction: SQLTransaction) throws {
        guard outbox.hasRoom else { throw Refusal.busy }
        let envelope = Envelope(event, source: node)
        let destination = Destination(exchange: Topology.Exchange.realtimeNodes, routingKey: envelope.eventType)
        try outbox.add(Message(envelope), to: destination, in: transaction)
    }
}
