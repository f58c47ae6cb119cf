import Foundation

/// Settings from a file: `KEY=VALUE` lines, or one JSON object of plain values.
package struct ConfigurationFile: Sendable {
    package let path: String
    /// The texts by key.
    package let values: [String: String]

    /// The most that is read; a configuration is small, a mistaken path may be a video.
    private static let maximumBytes = 1 << 20

    package init(contentsOf path: String) throws(ConfigurationError) {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: Self.maximumBytes)
        else { throw ConfigurationError(.unreadableFile, "cannot read configuration file \"\(path)\"") }
        try self.init(text: String(decoding: data, as: UTF8.self), path: path)
    }

    package init(text: String, path: String) throws(ConfigurationError) {
        self.path = path
        let isJSON = text.first { !$0.isWhitespace } == "{"
        values = isJSON ? try Self.json(text, path) : try Self.lines(text, path)
    }

    private static func json(_ text: String, _ path: String) throws(ConfigurationError) -> [String: String] {
        do {
            return try JSONDecoder().decode([String: PlainValue].self, from: Data(text.utf8)).mapValues(\.text)
        } catch {
            throw ConfigurationError(
                .unreadableFile,
                "\(path): expected a JSON object of texts, numbers, booleans and lists of them"
            )
        }
    }

    private static func lines(_ text: String, _ path: String) throws(ConfigurationError) -> [String: String] {
        var values: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let assignment = line.hasPrefix("export ") ? String(line.dropFirst(7)) : line
            guard let equals = assignment.firstIndex(of: "="), equals > assignment.startIndex else {
                throw ConfigurationError(.unreadableFile, "\(path):\(index + 1): expected KEY=VALUE")
            }
            let key = assignment[..<equals].trimmingCharacters(in: .whitespaces)
            let value = assignment[assignment.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            values[key] = unquoted(value)
        }
        return values
    }

    private static func unquoted(_ value: String) -> String {
        guard value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote else {
            return value
        }
        return String(value.dropFirst().dropLast())
    }
}

/// A JSON value that has a spelling as text.
private enum PlainValue: Decodable {
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([String])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([String].self) {
            self = .list(value)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    var text: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .text(let value): value
        case .list(let values): values.joined(separator: ",")
        }
    }
}
