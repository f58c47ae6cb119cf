/// What the flags of a service ask for.
package struct CommandLineOptions: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        case serve
        case checkConfiguration
        case printConfiguration
        case help
        case version
    }

    package private(set) var action = Action.serve
    package private(set) var file: String?

    private static let flags = ["--config", "--check-config", "--print-config", "--help", "--version"]

    /// Reads the arguments after the program's name.
    package init(_ arguments: [String]) throws(ConfigurationError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": action = .help
            case "--version": action = .version
            case "--check-config": action = .checkConfiguration
            case "--print-config": action = .printConfiguration
            case "--config":
                guard let path = rest.popFirst() else {
                    throw ConfigurationError(.missingValue, "--config: expected the path of a file after it")
                }
                file = path
            case let argument where argument.hasPrefix("--config="): file = String(argument.dropFirst(9))
            default:
                let hint = Suggestion.text(for: argument, among: Self.flags)
                throw ConfigurationError(
                    .unknownFlag,
                    "unknown argument \(argument)\(hint); --help tells what there is"
                )
            }
        }
    }
}
