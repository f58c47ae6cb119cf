package import EventSchema

extension Topology {
    /// An exchange; every one is durable.
    package struct ExchangeDeclaration: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable {
            case direct, fanout, topic
        }

        package var name: String
        package var kind: Kind
        /// Where messages go that no queue of this exchange takes.
        package var alternate: String?

        package init(_ name: String, _ kind: Kind, alternate: String? = nil) {
            self.name = name
            self.kind = kind
            self.alternate = alternate
        }
    }

    /// A durable quorum queue; whatever may change about it later is a ``PolicyDeclaration``.
    package struct QueueDeclaration: Sendable, Hashable {
        package var name: String

        package init(_ name: String) {
            self.name = name
        }
    }

    /// Messages of an exchange that go to a queue.
    package struct BindingDeclaration: Sendable, Hashable {
        package var exchange: String
        package var queue: String
        /// AMQP's topic syntax on topic exchanges.
        package var routingKey: String

        package init(_ exchange: String, _ routingKey: String, to queue: String) {
            self.exchange = exchange
            self.routingKey = routingKey
            self.queue = queue
        }
    }

    /// What an operator sets on queues; not to be had over AMQP, so it reaches a broker as loaded definitions.
    package struct PolicyDeclaration: Sendable, Hashable {
        package var name: String
        /// A regular expression over queue names.
        package var pattern: String
        package var priority: Int64
        package var definition: JSONObject

        package init(_ name: String, pattern: String, priority: Int64, _ definition: JSONObject) {
            self.name = name
            self.pattern = pattern
            self.priority = priority
            self.definition = definition
        }
    }

    /// Everything that services expect to find on a broker.
    package struct Declaration: Sendable, Hashable {
        package var exchanges: [ExchangeDeclaration]
        package var queues: [QueueDeclaration]
        package var bindings: [BindingDeclaration]
        package var policies: [PolicyDeclaration]

        package init(
            exchanges: [ExchangeDeclaration] = [],
            queues: [QueueDeclaration] = [],
            bindings: [BindingDeclaration] = [],
            policies: [PolicyDeclaration] = []
        ) {
            self.exchanges = exchanges
            self.queues = queues
            self.bindings = bindings
            self.policies = policies
        }

        /// Declares nothing: for users without the permission to configure, on a broker set up by its operator.
        package static let none = Declaration()
    }
}
