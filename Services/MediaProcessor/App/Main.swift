import Foundation
import ServiceBootstrap

/// The processor: a service that makes uploads playable, and a command line that does the same to one file.
@main enum Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        // First of all, since it confines this process, which has to have one thread then.
        if arguments.first == WorkerCommand.name { exit(WorkerCommand.main()) }
        if let first = arguments.first, ProcessorCommand.names.contains(first) {
            await ProcessorCommand.run(arguments)
        }
        await ServiceRunner.run(ServiceGraph.self, arguments: arguments)
    }
}
