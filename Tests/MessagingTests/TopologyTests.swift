import EventSchema
import Foundation
import Messaging
import MessagingTesting
import Testing

struct TopologyTests {
    /// What operators load.
    private func definitions() throws -> JSONObject {
        let file = PrivateBroker.repository.appending(path: "deploy/rabbitmq/definitions.json")
        return try #require(try JSONParser.parse([UInt8](Data(contentsOf: file))).objectValue)
    }

    private func items(_ key: String) throws -> [JSONObject] {
        try #require(try definitions()[key]?.arrayValue).map { try #require($0.objectValue) }
    }

    @Test func `the definitions declare the exchanges of the suite`() throws {
        let declared = try items("exchanges").map { item in
            let kind = try #require(item["type"]?.stringValue)
            #expect(item["durable"] == true && item["auto_delete"] == false && item["internal"] == false)
            return Topology.ExchangeDeclaration(
                try #require(item["name"]?.stringValue),
                try #require(Topology.ExchangeDeclaration.Kind(rawValue: kind)),
                alternate: item["arguments"]?["alternate-exchange"]?.stringValue
            )
        }
        #expect(Set(declared) == Set(Topology.Declaration.suite.exchanges))
        #expect(declared.count == Topology.Declaration.suite.exchanges.count)
    }

    @Test func `the definitions declare the queues of the suite, each a durable quorum queue`() throws {
        let declared = try items("queues").map { item in
            #expect(item["durable"] == true && item["auto_delete"] == false)
            // Whatever may change is a policy: an argument cannot be changed without deleting the queue.
            #expect(item["arguments"] == ["x-queue-type": "quorum"])
            return Topology.QueueDeclaration(try #require(item["name"]?.stringValue))
        }
        #expect(Set(declared) == Set(Topology.Declaration.suite.queues))
        #expect(declared.count == Topology.Declaration.suite.queues.count)
    }

    @Test func `the definitions declare the bindings of the suite`() throws {
        let declared = try items("bindings").map { item in
            #expect(item["destination_type"] == "queue")
            return Topology.BindingDeclaration(
                try #require(item["source"]?.stringValue),
                try #require(item["routing_key"]?.stringValue),
                to: try #require(item["destination"]?.stringValue)
            )
        }
        #expect(Set(declared) == Set(Topology.Declaration.suite.bindings))
        #expect(declared.count == Topology.Declaration.suite.bindings.count)
    }

    @Test func `the definitions declare the policies of the suite`() throws {
        let declared = try items("policies").map { item in
            #expect(item["apply-to"] == "queues")
            return Topology.PolicyDeclaration(
                try #require(item["name"]?.stringValue),
                pattern: try #require(item["pattern"]?.stringValue),
                priority: try #require(item["priority"]?.integerValue),
                try #require(item["definition"]?.objectValue)
            )
        }
        #expect(Set(declared) == Set(Topology.Declaration.suite.policies))
        #expect(declared.count == Topology.Declaration.suite.policies.count)
    }

    @Test func `every binding joins an exchange and a queue of the suite`() {
        let suite = Topology.Declaration.suite
        for binding in suite.bindings {
            #expect(suite.exchanges.contains { $0.name == binding.exchange })
            #expect(suite.queues.contains { $0.name == binding.queue })
        }
    }

    @Test(arguments: [(0, "5s"), (5, "5s"), (6, "30s"), (30, "30s"), (301, "30m"), (43_200, "12h"), (99_999, "12h")])
    func `a retry waits in the shortest tier that covers it`(seconds: Int, tier: String) {
        #expect(RetryTier.covering(.seconds(seconds)).name == tier)
    }

    @Test(arguments: [(0, "5s"), (1, "5s"), (2, "30s"), (6, "12h"), (7, "12h")])
    func `attempts wait longer and longer`(attempt: Int, tier: String) {
        #expect(RetryTier.all.first { $0.delay == RetryTier.delay(afterAttempt: attempt) }?.name == tier)
    }
}
