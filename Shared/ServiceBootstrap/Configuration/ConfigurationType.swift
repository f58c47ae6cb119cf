import Foundation

/// How a key's text becomes a value, and what an operator is told when it does not.
package struct ConfigurationType<Value: Sendable>: Sendable {
    /// One word for the help text: `integer`.
    package let name: String
    /// What texts it takes: `an integer from 0 to 65535`.
    package let expectation: String
    private let read: @Sendable (String) -> Value?
    private let write: @Sendable (Value) -> String

    /// A type of one's own: `read` answers `nil` for a text that is not one of its values, `write` spells a default.
    package init(
        name: String,
        expectation: String,
        read: @escaping @Sendable (String) -> Value?,
        write: @escaping @Sendable (Value) -> String
    ) {
        self.name = name
        self.expectation = expectation
        self.read = read
        self.write = write
    }

    package func value(of text: String) -> Value? { read(text) }

    package func text(of value: Value) -> String { write(value) }
}

// MARK: - Text

extension ConfigurationType<String> {
    /// Any text but the empty one.
    package static var string: Self {
        Self(name: "string", expectation: "a text", read: { $0.isEmpty ? nil : $0 }, write: { $0 })
    }

    /// A path; a leading `~/` is the home directory.
    package static var path: Self {
        Self(
            name: "path",
            expectation: "a path",
            read: { $0.isEmpty || $0.contains("\0") ? nil : NSString(string: $0).expandingTildeInPath },
            write: { $0 }
        )
    }
}

extension ConfigurationType<URL> {
    /// An absolute URL with one of `schemes` and a host, or a path where the scheme is `file`.
    package static func url(schemes: [String]) -> Self {
        Self(
            name: "url",
            expectation: "a URL that starts with \(schemes.map { "\($0)://" }.joined(separator: " or "))",
            read: { text in
                guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), schemes.contains(scheme),
                    scheme == "file" ? !url.path.isEmpty : url.host?.isEmpty == false
                else { return nil }
                return url
            },
            write: { $0.absoluteString }
        )
    }
}

// MARK: - Numbers

extension ConfigurationType<Int> {
    package static func integer(in range: ClosedRange<Int>) -> Self {
        Self(
            name: "integer",
            expectation: "an integer from \(range.lowerBound) to \(range.upperBound)",
            read: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } },
            write: { String($0) }
        )
    }

    /// A TCP port; 0 lets the system choose one.
    package static var port: Self { .integer(in: 0...65535) }
}

extension ConfigurationType<Double> {
    package static func number(in range: ClosedRange<Double>) -> Self {
        Self(
            name: "number",
            expectation: "a number from \(range.lowerBound) to \(range.upperBound)",
            read: { text in Double(text).flatMap { range.contains($0) ? $0 : nil } },
            write: { String($0) }
        )
    }
}

extension ConfigurationType<Duration> {
    /// A number of seconds, or a number with its unit: `30`, `1.5`, `500ms`, `5m`, `2h`.
    package static func duration(in range: ClosedRange<Duration>) -> Self {
        Self(
            name: "duration",
            expectation: "seconds, or a number with ms, s, m or h, from \(spell(range.lowerBound)) "
                + "to \(spell(range.upperBound))",
            read: { text in parse(text).flatMap { range.contains($0) ? $0 : nil } },
            write: { spell($0) }
        )
    }

    private static func parse(_ text: String) -> Duration? {
        let number = text.prefix { "0123456789.".contains($0) }
        let scales: [Substring: Double] = ["": 1, "ms": 0.001, "s": 1, "m": 60, "h": 3600]
        guard let amount = Double(number), let scale = scales[text.dropFirst(number.count)] else { return nil }
        return .milliseconds((amount * scale * 1000).rounded())
    }

    private static func spell(_ duration: Duration) -> String {
        let milliseconds = Int64(duration / .milliseconds(1))
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)" : "\(milliseconds)ms"
    }
}

// MARK: - Choices

extension ConfigurationType<Bool> {
    package static var bool: Self {
        let words = [
            "true": true, "yes": true, "on": true, "1": true, "false": false, "no": false, "off": false, "0": false,
        ]
        return Self(
            name: "bool",
            expectation: "true or false",
            read: { words[$0.lowercased()] },
            write: { $0 ? "true" : "false" }
        )
    }
}

extension ConfigurationType where Value: CaseIterable & RawRepresentable<String> {
    /// One of the cases of an enumeration, by its raw value.
    package static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        return Self(
            name: "choice",
            expectation: "one of \(words.joined(separator: ", "))",
            read: { Value(rawValue: $0.lowercased()) },
            write: { $0.rawValue }
        )
    }
}
