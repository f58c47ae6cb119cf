import ServiceBootstrap
import Testing

struct CommandLineOptionsTests {
    @Test(arguments: [
        ([], CommandLineOptions.Action.serve),
        (["--help"], .help), (["-h"], .help), (["--version"], .version),
        (["--check-config"], .checkConfiguration), (["--print-config"], .printConfiguration),
    ])
    func `a flag chooses the action`(arguments: [String], action: CommandLineOptions.Action) throws {
        #expect(try CommandLineOptions(arguments).action == action)
    }

    @Test(arguments: [["--config", "a.env", "--check-config"], ["--check-config", "--config=a.env"]])
    func `a configuration file goes with an action`(arguments: [String]) throws {
        let options = try CommandLineOptions(arguments)
        #expect(options.file == "a.env")
        #expect(options.action == .checkConfiguration)
    }

    @Test(arguments: [
        (["--confg"], "unknown argument --confg (did you mean --config?); --help tells what there is"),
        (["serve-all-of-it"], "unknown argument serve-all-of-it; --help tells what there is"),
        (["--config"], "--config: expected the path of a file after it"),
    ])
    func `a wrong argument is refused in one line`(arguments: [String], message: String) {
        #expect(throws: (any Error).self) { try CommandLineOptions(arguments) }
        do {
            _ = try CommandLineOptions(arguments)
        } catch {
            #expect(error.message == message)
        }
    }

    @Test func `help lists every key with type, unit, default and meaning`() {
        let help = HelpText(
            name: "sample",
            summary: "Does it.",
            keys: SampleKeys.all,
            examples: [CommandExample("PORT=1 sample", "Another port.")]
        )
        .text
        #expect(help.contains("  PORT  integer, default 4000\n      The port. Takes an integer from 0 to 65535.\n"))
        #expect(help.contains("  TIMEOUT  duration (s), default 5\n"))
        #expect(help.contains("  API_SECRET  string, secret, optional\n"))
        #expect(help.contains("  CALLBACK_URL  url, optional\n"))
        #expect(help.contains("  # Another port.\n  PORT=1 sample\n"))
        for key in SampleKeys.all { #expect(help.contains("\n  \(key.name)  ")) }
    }
}
