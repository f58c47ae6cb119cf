import EventSchema

/// What a message says, checked, with the JSON literal in which it came, so that it need not be encoded again.
package struct MessageContent: Sendable, Hashable {
    /// Unicode scalars, as contract 1's clients count characters.
    package static let maximumLength = 4000

    package let text: String
    /// The text as a JSON string with its quotes.
    package let literal: String

    /// Takes text that was checked when it was stored.
    package init(stored text: String) {
        self.text = text
        literal = JSONValue.string(text).description
    }

    /// Reads field `name` of a client's payload.
    ///
    /// - Throws: ``Refusal`` for that field.
    init(_ members: JSONMembers, named name: String, in bytes: Span<UInt8>) throws(Refusal) {
        guard let range = members.value(of: name, in: bytes) else { throw Self.refusal("can't be blank", name) }
        try self.init(range, named: name, in: bytes)
    }

    private init(_ range: Range<Int>, named name: String, in bytes: Span<UInt8>) throws(Refusal) {
        let text: String?
        do throws(JSONError) {
            text = try JSONParser.string(at: range, in: bytes)
        } catch {
            throw Self.refusal("is not valid text", name)
        }
        guard let text else { throw Self.refusal("must be a string", name) }
        try Self.check(text, name)
        self.text = text
        literal = Self.text(range, in: bytes)
    }

    private static func check(_ text: String, _ name: String) throws(Refusal) {
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw refusal("can't be blank", name)
        }
        guard text.unicodeScalars.count <= maximumLength else {
            throw refusal("is longer than \(maximumLength) characters", name)
        }
        // PostgreSQL's texts cannot hold it, and nobody can see it.
        guard !text.utf8.contains(0) else { throw refusal("may not hold the character U+0000", name) }
    }

    private static func refusal(_ detail: String, _ name: String) -> Refusal {
        Refusal(.invalidContent, detail, field: name)
    }

    /// The text of a range that the scanner has found to be a JSON value.
    static func text(_ range: Range<Int>, in bytes: Span<UInt8>) -> String {
        var copy: [UInt8] = []
        copy.reserveCapacity(range.count)
        for index in range { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }
}
