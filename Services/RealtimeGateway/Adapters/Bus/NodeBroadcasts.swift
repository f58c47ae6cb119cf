package import EventSchema
package import Messaging
import RealtimeDomain

/// Sends nodes over the bus what need not survive: nothing waits for the broker, and what it cannot take is dropped.
package struct NodeBroadcasts: NodeMessenger {
    private let publisher: any MessagePublisher
    private let node: String

    /// - Parameter node: What this node is called among the others.
    package init(publisher: any MessagePublisher, node: String) {
        self.publisher = publisher
        self.node = node
    }

    package func send(_ event: any EventPayload) {
        let envelope = Envelope(event, source: node)
        publisher.publish(
            Message(envelope),
            to: Destination(exchange: Topology.Exchange.realtimeNodes, routingKey: envelope.eventType),
            guarantee: .bestEffort
        ) { _ in }
    }
}
