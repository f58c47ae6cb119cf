import Foundation
import Messaging
import MessagingTesting
import RabbitMQ
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ConformanceTests {
    @Test(arguments: BrokerConformance.Check.allCases)
    func `RabbitMQ conforms`(check: BrokerConformance.Check) async throws {
        let broker = try await PrivateBroker.shared()
        let conformance = BrokerConformance { names, body in
            let configuration = try broker.configuration()
            let name = configuration.connectionName
            try await withClient(configuration, topology: .suite.joined(with: names)) { client in
                let subject = BrokerConformance.Subject(
                    broker: client,
                    dropConnections: { try await broker.closeConnections(named: name) },
                    passShortestTier: {}
                )
                try await body(subject)
            }
        }
        try await conformance.verify(check)
    }
}

extension Topology.Declaration {
    func joined(with other: Self) -> Self {
        Self(
            exchanges: exchanges + other.exchanges,
            queues: queues + other.queues,
            bindings: bindings + other.bindings,
            policies: policies + other.policies
        )
    }
}
