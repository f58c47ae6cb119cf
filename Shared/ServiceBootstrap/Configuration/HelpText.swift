/// What `--help` prints: every key with its type, unit, default and meaning.
package struct HelpText: Sendable {
    package let name: String
    package let summary: String
    package let keys: [KeyDeclaration]
    package let examples: [CommandExample]

    package init(name: String, summary: String, keys: [KeyDeclaration], examples: [CommandExample]) {
        self.name = name
        self.summary = summary
        self.keys = keys
        self.examples = examples
    }

    package var text: String {
        """
        \(name) \(Suite.version): \(summary)

        USAGE: \(name) [--config FILE]

        OPTIONS
          --config FILE   Settings as KEY=VALUE lines or a JSON object; CONFIG_FILE names one too.
          --check-config  Checks the settings, prints one line, exits 0 or 1.
          --print-config  Prints the settings in force, secrets hidden.
          --help          Prints this.
          --version       Prints the version.

        SETTINGS (environment over file over default; a secret may be given as a file, by NAME_FILE)
        \(keys.map(entry).joined(separator: "\n"))

        EXAMPLES
        \(examples.map { "  # \($0.purpose)\n  \($0.command)" }.joined(separator: "\n"))

        EXIT CODES
          0 stopped as asked, 1 failed (the reason is on standard error), 2 a setting or flag is wrong

        """
    }

    private func entry(_ key: KeyDeclaration) -> String {
        let unit = key.unit.map { " (\($0))" } ?? ""
        let secret = key.isSecret ? ", secret" : ""
        return """
              \(key.name)  \(key.typeName)\(unit)\(secret), \(presence(of: key))
                  \(key.summary) Takes \(key.expectation).
            """
    }

    private func presence(of key: KeyDeclaration) -> String {
        switch key.presence {
        case .optional: "optional"
        case .defaulted(let text): "default \(text.isEmpty ? "empty" : text)"
        }
    }
}

/// A command line to copy.
package struct CommandExample: Sendable {
    package let command: String
    package let purpose: String

    package init(_ command: String, _ purpose: String) {
        self.command = command
        self.purpose = purpose
    }
}
