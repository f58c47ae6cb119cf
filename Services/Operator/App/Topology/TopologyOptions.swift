import ArgumentParser
import Messaging
import RabbitMQ

/// What every `topology` command takes.
struct TopologyOptions: ParsableArguments {
    @Flag(help: "Prints JSON.")
    var json = false

    @Flag(
        help: """
            With the stream events.log, which keeps every event for 7 days for `events replay`. Since it takes every event, \
            none is unroutable any more: events.unrouted stays empty.
            """
    )
    var withLog = false

    @OptionGroup var broker: BrokerOptions
    @OptionGroup var management: ManagementOptions

    func client() throws -> ManagementClient {
        ManagementClient(access: try management.access(try broker.configuration()))
    }

    /// Compares the suite with the broker as it is now.
    func compare(_ client: ManagementClient) async throws -> (expected: ExpectedTopology, report: TopologyReport) {
        let running = try await RunningTopology(client)
        let expected = ExpectedTopology(for: running.version, withLog: withLog)
        let place = "virtual host \(client.access.virtualHost) at \(client.access.base)"
        let differences = TopologyComparison(expected: expected, running: running).differences
        return (expected, TopologyReport(differences: differences, place: place))
    }

    func show(_ report: TopologyReport) {
        if json { Console.print(report.json) } else { for line in report.lines { Console.print(line) } }
    }
}
