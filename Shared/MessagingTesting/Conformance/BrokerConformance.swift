import EventSchema
import Foundation
package import Messaging

/// What every broker must do for the suite, as checks that a test runs one by one.
package struct BrokerConformance: Sendable {
    /// A broker under test and the faults that a test needs.
    package struct Subject: Sendable {
        package var broker: any MessagePublisher & MessageConsumer
        /// Cuts the broker's connections; it may mend them by itself.
        package var dropConnections: @Sendable () async throws -> Void
        /// Returns when what was just retried has come out of the tier of 5 s, or is bound to.
        package var passShortestTier: @Sendable () async throws -> Void

        package init(
            broker: any MessagePublisher & MessageConsumer,
            dropConnections: @escaping @Sendable () async throws -> Void,
            passShortestTier: @escaping @Sendable () async throws -> Void
        ) {
            self.broker = broker
            self.dropConnections = dropConnections
            self.passShortestTier = passShortestTier
        }
    }

    package enum Check: String, CaseIterable, Sendable, CustomStringConvertible {
        case routesByTopic = "topic patterns route by words, and # matches the bare key"
        case keepsOrder = "messages of one publisher arrive in order"
        case carriesProperties = "properties and headers arrive as they were sent"
        case refusesUnroutable = "an unroutable message throws, unless it is best effort"
        case refusesMissingExchange = "a missing exchange fails its own messages only"
        case redeliversAfterLoss = "what was not settled when the connection went comes again"
        case releases = "a released delivery comes again untried"
        case retries = "a retried delivery comes back with its attempt counted"
        case givesUp = "the last attempt that fails is parked"
        case parks = "a parked delivery waits in its parking with the reason"
        case boundsHandlers = "no more handlers run at once than the prefetch"
        case drains = "cancellation lets handlers finish and keeps their acknowledgements"
        case feedsExclusiveQueues = "an exclusive queue is fed by its bindings, again after a lost connection"
        case dropsFromExclusiveQueues = "an exclusive queue has neither retries nor parking"
        case refusesMissingQueue = "a missing queue ends the consumer with an error"

        package var description: String { rawValue }
    }

    package struct Violation: Error, CustomStringConvertible {
        package let description: String
    }

    /// Makes a broker with a topology beside the suite's, and ends it when the body returns.
    package typealias WithSubject =
        @Sendable (Topology.Declaration, @Sendable (Subject) async throws -> Void) async throws -> Void

    private let withSubject: WithSubject

    package init(_ withSubject: @escaping WithSubject) {
        self.withSubject = withSubject
    }

    /// Runs one check.
    ///
    /// - Throws: ``Violation``, or what the broker threw.
    package func verify(_ check: Check) async throws {
        // Names of its own, so that checks may share a broker.
        let names = ConformanceNames()
        try await withSubject(names.topology) { subject in
            let bench = ConformanceBench(subject: subject, names: names)
            switch check {
            case .routesByTopic: try await bench.routesByTopic()
            case .keepsOrder: try await bench.keepsOrder()
            case .carriesProperties: try await bench.carriesProperties()
            case .refusesUnroutable: try await bench.refusesUnroutable()
            case .refusesMissingExchange: try await bench.refusesMissingExchange()
            case .redeliversAfterLoss: try await bench.redeliversAfterLoss()
            case .releases: try await bench.releases()
            case .retries: try await bench.retries()
            case .givesUp: try await bench.givesUp()
            case .parks: try await bench.parks()
            case .boundsHandlers: try await bench.boundsHandlers()
            case .drains: try await bench.drains()
            case .feedsExclusiveQueues: try await bench.feedsExclusiveQueues()
            case .dropsFromExclusiveQueues: try await bench.dropsFromExclusiveQueues()
            case .refusesMissingQueue: try await bench.refusesMissingQueue()
            }
        }
    }
}

/// The names that one check uses.
struct ConformanceNames: Sendable {
    let id = UUID().lowercased
    var exchange: String { "conformance.\(id)" }
    var queue: String { "work.\(id)" }
    var parking: String { Topology.parking(of: queue) }

    /// A topic exchange without alternate, and a work queue with its parking.
    var topology: Topology.Declaration {
        Topology.Declaration(
            exchanges: [.init(exchange, .topic)],
            queues: [.init(queue), .init(parking)],
            bindings: [
                .init(exchange, "job.#", to: queue),
                .init(Topology.Exchange.parking, queue, to: parking),
            ]
        )
    }
}
