import ArgumentParser
import EventSchema

/// `martlet validate`.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks events without sending them.",
        discussion: """
            Reads one envelope, or one on each line, and names each mistake with its path. Exits 2 if there is one.

            EXAMPLES
              martlet validate upload.json
              martlet tail --json --count 100 | martlet validate -
            """
    )

    @Argument(help: "A file with events; - is standard input.")
    var file: String

    @Flag(help: "Does not ask for event_id, timestamp and source.")
    var fill = false

    func run() async throws {
        try await Console.reporting {
            let document = try EventDocument(path: file)
            var invalid = 0
            for entry in document.entries {
                let findings = findings(on: entry, of: document)
                if findings.isEmpty {
                    Console.print("valid: \(entry.value["event_type"]?.stringValue ?? "event")")
                } else {
                    invalid += 1
                    for finding in findings { Console.complain(finding) }
                }
            }
            guard invalid == 0 else {
                throw CommandFailure(.invalidEvent, "\(invalid) of \(document.entries.count) events are not valid")
            }
        }
    }

    /// The mistakes of one event, with its line where there are several.
    func findings(on entry: EventDocument.Entry, of document: EventDocument) -> [String] {
        let place = document.entries.count > 1 ? "line \(entry.line): " : ""
        return EventExaminer.mistakes(in: (fill ? entry.filled() : entry).value).map { place + $0 }
    }
}
