import EventSchema

/// A `ref` or `join_ref` as its client spelled it in JSON, so that it can be given back the same.
package struct MessageReference: Sendable, Hashable {
    /// The JSON literal: `"1"`, `null`.
    package let literal: String

    package static let null = MessageReference(literal: "null")

    package init(literal: String) {
        self.literal = literal
    }

    /// A reference from a binary frame, which carries it without quotes.
    package init(text: String) {
        literal = JSONValue.string(text).description
    }

    package var isNull: Bool { self == .null }

    /// What a binary frame carries for it.
    package var text: String {
        guard !isNull else { return "" }
        return (try? JSONParser.parse(literal))?.stringValue ?? literal
    }
}
