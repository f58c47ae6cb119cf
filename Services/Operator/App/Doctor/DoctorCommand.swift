import ArgumentParser
import EventSchema

/// `martlet doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks whether everything is as the suite needs it, and says how to mend what is not.",
        discussion: """
            Looks at the broker and, where DATABASE_URL and OBJECT_STORE_URL are set, at what they name. Changes nothing: what
            it writes for a test it takes back. Exits 1 if something fails; a warning is what works, or cannot be seen.

            EXAMPLES
              martlet doctor
              martlet doctor --only topology --only permissions --json
              martlet doctor --skip consumers --rabbitmqctl 'sudo rabbitmqctl'
            """
    )

    @Option(help: "Looks at this alone; several times.", completion: .list(CheckName.allCases.map(\.rawValue)))
    var only: [CheckName] = []

    @Option(help: "Does not look at this; several times.", completion: .list(CheckName.allCases.map(\.rawValue)))
    var skip: [CheckName] = []

    @Option(help: "How to run rabbitmqctl, for settings that are to be had no other way.")
    var rabbitmqctl: String?

    @Option(help: "The longest time that a message may be worked on; a transcode holds its message.")
    var longestJob = Age.fourHours

    @Flag(help: "Prints JSON.")
    var json = false

    @OptionGroup var broker: BrokerOptions
    @OptionGroup var management: ManagementOptions

    /// What to look at, in order.
    var checks: [CheckName] {
        CheckName.allCases.filter { (only.isEmpty || only.contains($0)) && !skip.contains($0) }
    }

    func run() async throws {
        try await Console.reporting {
            let configuration = try broker.configuration()
            let context = DoctorContext(
                broker: configuration,
                management: ManagementClient(access: try management.access(configuration)),
                rabbitmqctl: rabbitmqctl.map { RabbitMQCtl(command: $0) },
                longestJob: longestJob.duration
            )
            let diagnosis = await Examination(context: context, checks: checks).run()
            if json {
                Console.print(diagnosis.json)
            } else {
                for finding in diagnosis.findings { for line in finding.lines { Console.print(line) } }
                Console.print(diagnosis.summary)
            }
            if diagnosis.isFailure { throw ExitCode(1) }
        }
    }
}

/// Runs checks, leaving out those that another one's failure makes pointless.
struct Examination: Sendable {
    let context: DoctorContext
    let checks: [CheckName]

    func run() async -> Diagnosis {
        let broker = wants(.broker, \.needsBroker) ? await look(.broker) : []
        let management = wants(.management, \.needsManagement) ? await look(.management) : []
        let hasBroker = !broker.contains { $0.status == .fail }
        let hasManagement = !management.contains { $0.status != .ok }
        var findings = (checks.contains(.broker) ? broker : []) + (needsTelling(management) ? management : [])
        for check in checks where check != .broker && check != .management {
            // Said once, and not once for each.
            if check.needsManagement && !hasManagement || check.needsBroker && !hasBroker { continue }
            findings += await look(check)
        }
        if !hasBroker, !checks.contains(.broker), checks.contains(where: \.needsBroker) { findings = broker + findings }
        return Diagnosis(findings: findings)
    }

    /// Whether a check was asked for, or others need its result.
    private func wants(_ check: CheckName, _ isNeeded: (CheckName) -> Bool) -> Bool {
        checks.contains(check) || checks.contains(where: isNeeded)
    }

    /// A management API that is off matters to who wanted to see something through it.
    private func needsTelling(_ management: [Finding]) -> Bool {
        checks.contains(.management)
            || management.contains { $0.status != .ok } && checks.contains(where: \.needsManagement)
    }

    private func look(_ name: CheckName) async -> [Finding] {
        do throws(ManagementError) {
            return try await name.check.findings(context)
        } catch {
            return [.warn(name, "cannot be looked at: \(error)", mend: error.advice)]
        }
    }
}
