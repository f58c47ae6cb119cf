import ArgumentParser
import Foundation
import Glibc
import MediaWorker

/// One job in a process of its own; the service starts it.
struct WorkerCommand: AsyncParsableCommand {
    static let name = "worker"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Does one job for the service.",
        shouldDisplay: false
    )

    func run() async throws {
        let transcoder = ProcessorCommand.transcoder()
        let code = await DedicatedThread.run(named: "job") { Worker.main(transcoder: transcoder) }
        guard code == 0 else { throw ExitCode(code) }
    }
}
