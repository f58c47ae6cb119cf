import Foundation
import Logging
import MediaWorker
import ServiceBootstrap

/// One job in a process of its own; the service starts it.
enum WorkerCommand {
    static let name = "worker"

    /// Does the job that standard input orders, in the calling thread, and returns the process's exit code.
    static func main() -> Int32 {
        Worker.main(transcoder: ProcessorCommand.transcoder(logging: trace))
    }

    /// The trace that the service works on; codecs log on threads of their own, so that it is one for the process.
    private static var trace: Logger.Metadata {
        let environment = ProcessInfo.processInfo.environment
        return TraceEnvironment.context(in: environment, read: ServiceTracer()).span?.logMetadata ?? [:]
    }
}
