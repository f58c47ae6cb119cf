import ArgumentParser
import Glibc

/// How careful a command is that changes what a broker holds.
struct ActionOptions: ParsableArguments {
    @Flag(help: "Tells what would be done, and does nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Does not ask first; needed where there is no terminal.")
    var yes = false

    @Option(help: "At most so many: 10/s, 30/m.")
    var rate: Rate?

    /// Returns if `question` is answered with yes, or need not be asked.
    ///
    /// - Parameter terminal: Asks a person; `nil` if there is none.
    func confirm(
        _ question: @autoclosure () async throws -> String,
        terminal: ((String) -> String?)? = Self.terminal
    ) async throws {
        if dryRun || yes { return }
        guard let terminal else {
            throw CommandFailure(.failed, "there is no terminal to ask at: --yes goes ahead, --dry-run only tells")
        }
        let answer = terminal(try await question() + " [y/N] ")?.lowercased()
        guard answer == "y" || answer == "yes" else { throw CommandFailure(.failed, "nothing was done") }
    }

    /// Asks at the terminal that standard input is, if it is one.
    static var terminal: ((String) -> String?)? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        return { question in
            Console.ask(question)
            return readLine()
        }
    }
}
