import ArgumentParser
import Foundation
import Glibc
import Logging
import MediaWorker
import ServiceBootstrap

/// One job in a process of its own; the service starts it.
struct WorkerCommand: AsyncParsableCommand {
    static let name = "worker"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Does one job for the service.",
        shouldDisplay: false
    )

    func run() async throws {
        let transcoder = ProcessorCommand.transcoder(logging: Self.trace)
        let code = await DedicatedThread.run(named: "job") { Worker.main(transcoder: transcoder) }
        guard code == 0 else { throw ExitCode(code) }
    }

    /// The trace that the service works on; codecs log on threads of their own, so that it is one for the process.
    private static var trace: Logger.Metadata {
        let environment = ProcessInfo.processInfo.environment
        return TraceEnvironment.context(in: environment, read: ServiceTracer()).span?.logMetadata ?? [:]
    }
}
