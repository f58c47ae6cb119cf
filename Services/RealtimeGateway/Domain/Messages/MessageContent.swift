import EventSchema

/// What a message says, checked, as the JSON literal in which it came, so that it need not be encoded again.
package struct MessageContent: Sendable, Hashable {
    /// Unicode scalars, as contract 1's clients count characters.
    package static let maximumLength = 4000

    /// A JSON string with its quotes.
    package let literal: String

    /// Checks the value at `range`.
    package init(_ range: Range<Int>, in bytes: Span<UInt8>) throws(Refusal) {
        let text: String?
        do throws(JSONError) {
            text = try JSONParser.string(at: range, in: bytes)
        } catch {
            throw Refusal(.invalidContent, "content is not valid text")
        }
        guard let text else { throw Refusal(.invalidContent, "content must be a string") }
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw Refusal(.invalidContent, "content can't be blank")
        }
        guard text.unicodeScalars.count <= Self.maximumLength else {
            throw Refusal(.invalidContent, "content is longer than \(Self.maximumLength) characters")
        }
        literal = Self.text(range, in: bytes)
    }

    /// The text of a range that the scanner has found to be a JSON value.
    static func text(_ range: Range<Int>, in bytes: Span<UInt8>) -> String {
        var copy: [UInt8] = []
        copy.reserveCapacity(range.count)
        for index in range { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }
}
