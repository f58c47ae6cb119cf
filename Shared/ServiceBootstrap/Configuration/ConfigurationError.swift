/// A setting or a flag that cannot be: one line that names it, its value and what is expected.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    @nonexhaustive package enum Code: String, Sendable {
        case unknownFlag = "unknown_flag"
        case unknownKey = "unknown_key"
        case badValue = "bad_value"
        case missingValue = "missing_value"
        case unreadableFile = "unreadable_file"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

/// Finds what somebody probably meant.
enum Suggestion {
    /// The nearest of `candidates`, as an ending for a message: ` (did you mean AMQP_URL?)`; empty if none is near.
    static func text(for word: String, among candidates: [String]) -> String {
        let ranked = candidates.map { ($0, distance(word.uppercased(), $0.uppercased())) }
        guard let (nearest, distance) = ranked.min(by: { $0.1 < $1.1 }), distance <= max(2, word.count / 4) else {
            return ""
        }
        return " (did you mean \(nearest)?)"
    }

    /// How many letters have to change, come or go (Levenshtein).
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var previous = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let change = previous[column] + (letter == other ? 0 : 1)
                current.append(min(change, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
