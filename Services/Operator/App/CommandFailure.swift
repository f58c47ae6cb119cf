import ArgumentParser
import EventSchema
import Foundation

/// Why a command failed: one line that says what, which, and what to do.
struct CommandFailure: Error, CustomStringConvertible {
    enum Kind: Int32 {
        /// The broker, a file, or the system.
        case failed = 1
        /// An event that is not valid.
        case invalidEvent = 2
    }

    let kind: Kind
    let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// The two streams of a command line program.
enum Console {
    static func print(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    static func complain(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// Leaves the cursor behind a question.
    static func ask(_ question: String) {
        FileHandle.standardError.write(Data(question.utf8))
    }

    static func print(_ value: JSONObject) { print(JSONValue.object(value).description) }

    /// Runs a command; its failure becomes one line and an exit code.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let failure as CommandFailure {
            complain("martlet: \(failure)")
            throw ExitCode(failure.kind.rawValue)
        } catch let error as ManagementError {
            complain("martlet: \(error); \(error.advice)")
            throw ExitCode(CommandFailure.Kind.failed.rawValue)
        }
    }
}
