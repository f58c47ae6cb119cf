/// Finds every mistake in an event.
///
/// A reader stops at its first mistake; this one then assumes that the field held something right and reads on.
package enum EventExaminer {
    /// More are not worth reading.
    private static let maximumMistakes = 50

    /// The mistakes, each with its path; empty for a valid event.
    ///
    /// - Parameter allowsUnknownTypes: Whether an `event_type` that the suite does not know passes.
    package static func mistakes(in value: JSONValue, allowsUnknownTypes: Bool = false) -> [String] {
        var value = value
        var mistakes: [String] = []
        while mistakes.count < maximumMistakes, let mistake = firstMistake(in: value, allowsUnknownTypes) {
            mistakes.append(mistake.description)
            guard let mended = mend(value, mistake, allowsUnknownTypes) else { break }
            value = mended
        }
        return mistakes
    }

    private static func firstMistake(in value: JSONValue, _ allowsUnknownTypes: Bool) -> SchemaError? {
        do throws(SchemaError) {
            _ = try EventCatalog.decode(Envelope(value))
            return nil
        } catch {
            return error.code == .unknownEventType && allowsUnknownTypes ? nil : error
        }
    }

    /// Values of which one is right for any field.
    private static let substitutes: [JSONValue] = [
        "x", "00000000-0000-4000-8000-000000000000", "2024-01-01T00:00:00Z", 1, true, [:], ["x"], [],
    ]

    private static func mend(_ value: JSONValue, _ mistake: SchemaError, _ allowsUnknownTypes: Bool) -> JSONValue? {
        guard let path = path(of: mistake) else { return nil }
        for substitute in substitutes {
            let candidate = value.setting(substitute, at: path[...])
            guard candidate != value else { continue }
            guard let next = firstMistake(in: candidate, allowsUnknownTypes) else { return candidate }
            if self.path(of: next) != path { return candidate }
        }
        return nil
    }

    /// `payload.rungs[2]` before the colon, in steps.
    private static func path(of mistake: SchemaError) -> [Substring]? {
        guard mistake.code == .invalidField, let end = mistake.message.firstIndex(of: ":") else { return nil }
        let steps = mistake.message[..<end].split { ".[]".contains($0) }
        return steps.isEmpty ? nil : steps
    }
}

extension JSONValue {
    /// The value with another one at `path`, made on the way where objects are missing.
    fileprivate func setting(_ value: JSONValue, at path: ArraySlice<Substring>) -> JSONValue {
        guard let step = path.first else { return value }
        switch self {
        case .array(var elements):
            guard let index = Int(step), elements.indices.contains(index) else { return self }
            elements[index] = elements[index].setting(value, at: path.dropFirst())
            return .array(elements)
        case .object(var members):
            members[String(step)] = (members[String(step)] ?? [:]).setting(value, at: path.dropFirst())
            return .object(members)
        default: return self
        }
    }
}
