import ArgumentParser
import EventSchema
import Foundation
import Glibc

/// `martlet dead-letters export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes them to a file, one JSON object on each line; they stay where they are.",
        discussion: """
            `martlet events replay FILE` publishes such a file again. A body that is not UTF-8 is written in base64.

            EXAMPLES
              martlet dead-letters export parked.jsonl --queue media.process
              martlet dead-letters export - | jq .reason
            """
    )

    @Argument(help: "A file that is not there yet; - is standard output.", completion: .file())
    var file: String

    @OptionGroup var filter: DeadLetterFilter
    @OptionGroup var broker: BrokerOptions

    func run() async throws {
        try await Console.reporting {
            let output = try Self.open(file)
            let walk = DeadLetterWalk(configuration: try broker.configuration(), filter: filter)
            let count = try await walk.run { letter in
                try write(letter, to: output)
                return .kept
            }
            if file != "-" { try? output.synchronize() }
            Console.complain("\(count) exported.")
        }
    }

    private func write(_ letter: DeadLetter, to output: FileHandle) throws(CommandFailure) {
        do {
            try output.write(contentsOf: JSONValue.object(letter.record).encoded + [UInt8(ascii: "\n")])
        } catch {
            throw CommandFailure(.failed, "cannot write \"\(file)\": \(error.localizedDescription)")
        }
    }

    private static func open(_ path: String) throws(CommandFailure) -> FileHandle {
        guard path != "-" else { return .standardOutput }
        // Bodies are other people's data: for the owner's eyes.
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let problem = errno == EEXIST ? "it is there already" : "no such folder, or no permission"
            throw CommandFailure(.failed, "cannot make \"\(path)\": \(problem)")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
