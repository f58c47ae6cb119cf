import Configuration
import Foundation

/// The settings of a service, read and checked once at its start: environment over file over default.
package struct ServiceConfiguration: Sendable {
    private let declarations: [KeyDeclaration]
    private let values: [String: any Sendable]
    private let texts: [String: String]

    /// Reads every key of `declarations`.
    ///
    /// - Throws: ``ConfigurationError`` that tells every mistake in one line.
    package init(
        _ declarations: [KeyDeclaration],
        environment: [String: String],
        file: ConfigurationFile? = nil
    ) throws(ConfigurationError) {
        self.declarations = declarations
        var mistakes = file.map { Self.unknownKeys(in: $0, among: declarations) } ?? []
        let source = SettingSource(environment: environment, file: file)
        var values: [String: any Sendable] = [:]
        var texts: [String: String] = [:]
        for declaration in declarations {
            do throws(ConfigurationError) {
                guard let text = try source.text(for: declaration) else { continue }
                values[declaration.name] = try Self.value(of: text, for: declaration)
                texts[declaration.name] = text
            } catch {
                mistakes.append(error)
            }
        }
        self.values = values
        self.texts = texts
        guard let first = mistakes.first else { return }
        throw ConfigurationError(first.code, mistakes.map(\.message).joined(separator: "; "))
    }

    /// The value of a key that the service declares.
    package subscript<Value>(key: ConfigurationKey<Value>) -> Value {
        values[key.declaration.name] as? Value ?? key.fallback
    }

    /// Every key with the value in force, secrets hidden, as lines that a configuration file may hold.
    package var redacted: String {
        declarations.map { declaration in
            if let text = texts[declaration.name] { return "\(declaration.name)=\(declaration.shown(text))" }
            switch declaration.presence {
            case .defaulted(let text): return "\(declaration.name)=\(declaration.shown(text))"
            case .optional: return "# \(declaration.name) is not set"
            }
        }
        .joined(separator: "\n")
    }

    private static func unknownKeys(
        in file: ConfigurationFile,
        among declarations: [KeyDeclaration]
    ) -> [ConfigurationError] {
        let known = declarations.flatMap(\.spellings)
        return file.values.keys.sorted().filter { !known.contains($0) }.map { key in
            ConfigurationError(
                .unknownKey,
                "\(file.path): unknown key \(key)\(Suggestion.text(for: key, among: known))"
            )
        }
    }

    private static func value(of text: String, for key: KeyDeclaration) throws(ConfigurationError) -> any Sendable {
        guard let value = key.read(text) else {
            let shown = key.isSecret ? "what is set" : "\"\(text.prefix(80))\""
            throw ConfigurationError(.badValue, "\(key.name): expected \(key.expectation), got \(shown)")
        }
        return value
    }
}

/// Where the texts of settings come from.
private struct SettingSource {
    private let reader: ConfigReader

    init(environment: [String: String], file: ConfigurationFile?) {
        // The first provider that has a key wins.
        reader = ConfigReader(providers: [
            EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty }),
            EnvironmentVariablesProvider(environmentVariables: file?.values ?? [:]),
        ])
    }

    func text(for key: KeyDeclaration) throws(ConfigurationError) -> String? {
        let direct = text(named: key.name, isSecret: key.isSecret)
        let path = key.isSecret ? text(named: key.fileName, isSecret: false) : nil
        if direct != nil, path != nil {
            throw ConfigurationError(.badValue, "\(key.name) and \(key.fileName) are both set; one of them is enough")
        }
        if let path { return try secret(in: path, for: key) }
        return direct
    }

    private func text(named name: String, isSecret: Bool) -> String? {
        reader.string(forKey: ConfigKey([name.lowercased()]), isSecret: isSecret)
    }

    private func secret(in path: String, for key: KeyDeclaration) throws(ConfigurationError) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ConfigurationError(.unreadableFile, "\(key.fileName): cannot read \"\(path)\"")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
