package import EventSchema
package import Foundation

/// The members of a client's payload, taken out one by one.
package struct PayloadFields {
    private let members: JSONMembers

    /// - Throws: ``Refusal`` for what is no JSON object.
    package init(_ payload: Span<UInt8>) throws(Refusal) {
        do throws(JSONError) {
            members = try JSONMembers(scanning: payload)
        } catch {
            throw Refusal(.invalidPayload, "payload must be an object")
        }
    }

    /// The token decides who speaks; a payload that claims somebody else is refused.
    package func checkAuthor(_ author: Identity, in payload: Span<UInt8>) throws(Refusal) {
        guard let range = given("user_id", in: payload) else { return }
        guard let claimed = try? JSONParser.string(at: range, in: payload), claimed == author.userID else {
            throw Refusal(.forbidden, "is not the bearer of this connection's token", field: "user_id")
        }
    }

    /// What a message is to say.
    package func content(_ name: String = "content", in payload: Span<UInt8>) throws(Refusal) -> MessageContent {
        try MessageContent(members, named: name, in: payload)
    }

    /// A number of at least 0, as it was spelled.
    func position(in payload: Span<UInt8>) throws(Refusal) -> String? {
        guard let range = given("timestamp", in: payload) else { return nil }
        let literal = MessageContent.text(range, in: payload)
        guard let value = Double(literal), value >= 0, value.isFinite, literal.utf8.count <= 32 else {
            throw Refusal(
                .invalidPayload,
                "must be a position in the stream, a number of at least 0",
                field: "timestamp"
            )
        }
        return literal
    }

    /// A UUID, with a prefix before its last hyphenated part or without: `msg-0198…`, `reaction_0198…`.
    package func identifier(_ name: String, in payload: Span<UInt8>) throws(Refusal) -> UUID? {
        guard let range = given(name, in: payload) else { return nil }
        guard let text = try? JSONParser.string(at: range, in: payload),
            let id = UUID(uuidString: String(text.suffix(36)))
        else { throw Refusal(.invalidPayload, "must be an id", field: name) }
        return id
    }

    /// ``identifier(_:in:)`` of a field that has to be there.
    package func requiredIdentifier(_ name: String, in payload: Span<UInt8>) throws(Refusal) -> UUID {
        guard let id = try identifier(name, in: payload) else {
            throw Refusal(.invalidPayload, "can't be blank", field: name)
        }
        return id
    }

    /// A text of 1 to `maximum` bytes.
    package func text(_ name: String, maximum: Int, in payload: Span<UInt8>) throws(Refusal) -> String? {
        guard let range = given(name, in: payload) else { return nil }
        guard let text = try? JSONParser.string(at: range, in: payload), (1...maximum).contains(text.utf8.count),
            !text.utf8.contains(0)
        else { throw Refusal(.invalidPayload, "must be text of 1 to \(maximum) bytes", field: name) }
        return text
    }

    /// A field of whatever kind; `nil` if it is missing or null.
    package func value(_ name: String, in payload: Span<UInt8>) throws(Refusal) -> JSONValue? {
        guard let range = given(name, in: payload) else { return nil }
        guard let value = try? JSONParser.parse(Array(MessageContent.text(range, in: payload).utf8)) else {
            throw Refusal(.invalidPayload, "is not valid JSON", field: name)
        }
        return value
    }

    private func given(_ name: String, in payload: Span<UInt8>) -> Range<Int>? {
        guard let range = members.value(of: name, in: payload), payload[range.lowerBound] != UInt8(ascii: "n") else {
            return nil
        }
        return range
    }
}
