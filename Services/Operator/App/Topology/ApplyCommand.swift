import ArgumentParser

/// `martlet topology apply`.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Makes what is missing, and mends what can be mended.",
        discussion: """
            Policies and bindings are mended. An exchange or queue that was declared otherwise is told with what to do, and
            not touched. Exits 1 if something is left. May be run again at any time.

            EXAMPLES
              martlet topology apply --dry-run
              martlet topology apply
              martlet topology apply --with-log
            """
    )

    @Flag(help: "Tells what would be done, and does nothing.")
    var dryRun = false

    @OptionGroup var options: TopologyOptions

    func run() async throws {
        try await Console.reporting {
            let client = try options.client()
            let before = try await options.compare(client)
            if dryRun { return tellPlan(before.report) }
            let mender = TopologyMender(client: client, expected: before.expected)
            let isQuiet = options.json
            try await mender.mend(before.report.differences) { line in if !isQuiet { Console.print(line) } }
            let after = try await options.compare(client).report
            options.show(after)
            if after.differs { throw ExitCode(1) }
        }
    }

    private func tellPlan(_ report: TopologyReport) {
        guard !options.json else { return options.show(report) }
        let due = report.differences.filter { $0.remedy == .apply }
        for one in due { Console.print("would \(one.kind == .missing ? "make" : "mend"): \(one.text)") }
        let left = report.differences.filter { $0.remedy != .apply }
        if due.isEmpty || !left.isEmpty { options.show(TopologyReport(differences: left, place: report.place)) }
    }
}
