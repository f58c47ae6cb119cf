import EventSchema
import Messaging
import Testing

@testable import Operator

struct TopologyComparisonTests {
    /// A broker that has all of the suite.
    private static func complete(_ version: String = "3.10.8", withLog: Bool = false) throws -> RunningTopology {
        let version = try #require(ServerVersion(version))
        let expected = ExpectedTopology(for: version, withLog: withLog)
        return RunningTopology(
            version: version,
            exchanges: expected.exchanges.map { exchange in
                .init(
                    name: exchange.name,
                    type: exchange.kind.rawValue,
                    arguments: exchange.alternate.map { ["alternate-exchange": .string($0)] } ?? [:]
                )
            },
            queues: expected.queues.map { .init(name: $0.name, arguments: $0.arguments) },
            bindings: expected.bindings.map {
                .init(exchange: $0.exchange, queue: $0.queue, routingKey: $0.routingKey)
            },
            policies: expected.policies.map {
                .init(
                    name: $0.name,
                    pattern: $0.pattern,
                    appliesTo: "queues",
                    priority: $0.priority,
                    definition: $0.definition
                )
            }
        )
    }

    private func differences(_ change: (inout RunningTopology) -> Void) throws -> [TopologyDifference] {
        var running = try Self.complete()
        change(&running)
        return TopologyComparison(expected: ExpectedTopology(for: running.version), running: running).differences
    }

    @Test func `a broker that has it all does not differ`() throws {
        #expect(try differences { _ in } == [])
    }

    @Test func `on an empty broker everything is missing and can be made`() throws {
        let found = try differences {
            $0 = RunningTopology(version: $0.version, exchanges: [], queues: [], bindings: [], policies: [])
        }
        let suite = Topology.Declaration.suite
        let count = suite.exchanges.count + suite.queues.count + suite.bindings.count + suite.policies.count
        #expect(found.count == count)
        #expect(found.allSatisfy { $0.kind == .missing && $0.remedy == .apply })
        #expect(found.contains { $0.text == "binding events -- media.uploaded --> media.process is missing" })
    }

    @Test func `a policy's value is told in words`() throws {
        let found = try differences { running in
            let index = running.policies.firstIndex { $0.name == "work.media.process" } ?? 0
            running.policies[index].definition["delivery-limit"] = 5
            running.policies[index].definition["overflow"] = nil
            running.policies[index].definition["expires"] = 1000
        }
        #expect(
            found.map(\.text) == [
                "policy work.media.process: delivery-limit is 5, should be 20",
                "policy work.media.process: expires is 1000, should not be set",
                "policy work.media.process: overflow is not set, should be reject-publish",
            ]
        )
        #expect(found.allSatisfy { $0.remedy == .apply })
    }

    @Test func `a queue declared otherwise is for a person`() throws {
        let found = try differences { running in
            let index = running.queues.firstIndex { $0.name == "media.process" } ?? 0
            running.queues[index].arguments = ["x-max-length": 5]
        }
        #expect(
            found.map(\.text) == [
                "queue media.process: x-max-length is 5, should not be set",
                "queue media.process: x-queue-type is classic, should be quorum",
            ]
        )
        for difference in found {
            guard case .byHand(let steps) = difference.remedy else {
                Issue.record("it would be touched")
                continue
            }
            #expect(steps.contains("delete it"))
        }
    }

    @Test func `an exchange without its alternate, or of another type, is for a person`() throws {
        let found = try differences { running in
            let index = running.exchanges.firstIndex { $0.name == "events" } ?? 0
            running.exchanges[index] = .init(name: "events", type: "fanout")
        }
        #expect(
            found.map(\.text) == [
                "exchange events: type is fanout, should be topic",
                "exchange events: alternate-exchange is not set, should be events.unrouted",
            ]
        )
    }

    @Test func `another policy that may win is noticed`() throws {
        let found = try differences { running in
            for (name, priority) in [("ha-all", 10 as Int64), ("weak", 9)] {
                running.policies.append(
                    .init(name: name, pattern: "email$", appliesTo: "all", priority: priority, definition: [:])
                )
            }
        }
        #expect(found.map(\.text) == ["queue notify.email: policy in effect is ha-all, should be work.notify.email"])
    }

    @Test func `what nobody declares is told and not counted`() throws {
        let found = try differences { running in
            running.bindings.append(.init(exchange: "events", queue: "media.process", routingKey: "#"))
            running.queues.append(.init(name: "notify.fax"))
            running.queues.append(.init(name: "somebody.else"))
            running.bindings.append(.init(exchange: "events", queue: "somebody.else", routingKey: "#"))
        }
        #expect(
            found.map(\.text) == [
                "queue notify.fax is not of the suite", "binding events -- # --> media.process is not of the suite",
            ]
        )
        let report = TopologyReport(differences: found, place: "here")
        #expect(!report.differs)
        #expect(report.lines.last == "here: 2 not of the suite")
    }

    @Test func `only brokers that know it are asked for a consumer timeout`() throws {
        func timeout(_ version: String) throws -> JSONValue? {
            let expected = ExpectedTopology(for: try #require(ServerVersion(version)))
            return expected.policy(for: "media.process")?.definition["consumer-timeout"]
        }
        #expect(try timeout("3.10.8") == nil)
        #expect(try timeout("3.12.0") == 14_400_000)
        #expect(try timeout("4.1.0-rc.1") == 14_400_000)
    }

    @Test func `the log is expected where it was asked for`() throws {
        let running = try Self.complete()
        let expected = ExpectedTopology(for: running.version, withLog: true)
        let found = TopologyComparison(expected: expected, running: running).differences
        #expect(
            found.map(\.text) == [
                "queue events.log is missing", "binding events -- # --> events.log is missing", "policy log is missing",
            ]
        )
    }

    @Test func `a difference is JSON for scripts`() throws {
        let found = try differences { $0.policies.removeAll { $0.name == "parking" } }
        #expect(
            found.map(\.json) == [
                [
                    "kind": "missing", "object": "policy", "name": "parking", "text": "policy parking is missing",
                    "remedy": "apply",
                ]
            ]
        )
        #expect(TopologyReport(differences: found, place: "here").json["differs"] == true)
    }
}

struct ServerVersionTests {
    @Test func `versions compare by number`() throws {
        #expect(try #require(ServerVersion("3.9.29")) < .oldestSupported)
        #expect(try #require(ServerVersion("3.10.8")) >= .oldestSupported)
        #expect(try #require(ServerVersion("4.0")) > .withConsumerTimeoutPolicy)
        #expect(ServerVersion("three") == nil)
    }
}
