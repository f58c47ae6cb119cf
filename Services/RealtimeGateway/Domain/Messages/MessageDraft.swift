import EventSchema

/// What a client wants to say, read only as far as needed.
package struct MessageDraft: Sendable, Hashable {
    package let content: MessageContent
    /// The stream position of a comment, as the client wrote the number; `nil` if it gave none.
    package let position: String?

    /// Reads a payload that `author` sent.
    ///
    /// - Throws: ``Refusal`` for content that may not be said, or said in somebody else's name.
    package init(_ payload: Span<UInt8>, author: Identity) throws(Refusal) {
        let members: JSONMembers
        do throws(JSONError) {
            members = try JSONMembers(scanning: payload)
        } catch {
            throw Refusal(.invalidPayload, "payload must be an object")
        }
        try Self.checkAuthor(members, in: payload, author)
        guard let range = members.value(of: "content", in: payload) else {
            throw Refusal(.invalidContent, "content can't be blank")
        }
        content = try MessageContent(range, in: payload)
        position = try Self.position(members, in: payload)
    }

    /// The token decides who speaks; a payload that claims somebody else is refused.
    private static func checkAuthor(_ members: JSONMembers, in payload: Span<UInt8>, _ author: Identity) throws(Refusal)
    {
        guard let range = members.value(of: "user_id", in: payload), !isNull(range, in: payload) else { return }
        guard let claimed = try? JSONParser.string(at: range, in: payload), claimed == author.userID else {
            throw Refusal(.forbidden, "user_id is not the bearer of this connection's token")
        }
    }

    private static func position(_ members: JSONMembers, in payload: Span<UInt8>) throws(Refusal) -> String? {
        guard let range = members.value(of: "timestamp", in: payload), !isNull(range, in: payload) else { return nil }
        let literal = MessageContent.text(range, in: payload)
        guard let value = Double(literal), value >= 0, value.isFinite else {
            throw Refusal(.invalidPayload, "timestamp must be a position in the stream, a number of at least 0")
        }
        return literal
    }

    private static func isNull(_ range: Range<Int>, in payload: Span<UInt8>) -> Bool {
        payload[range.lowerBound] == UInt8(ascii: "n")
    }
}
