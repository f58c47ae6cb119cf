import Foundation
import ServiceBootstrap

/// The processor: a service that makes uploads playable, and a command line that does the same to one file.
@main enum Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let first = arguments.first, ProcessorCommand.names.contains(first) {
            await ProcessorCommand.run(arguments)
        }
        await ServiceRunner.run(ServiceGraph.self, arguments: arguments)
    }
}
