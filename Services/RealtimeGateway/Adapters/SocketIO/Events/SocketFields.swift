import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// The members of the one object that a client's event brings.
///
/// Ids may be texts or numbers, as backends have them; a number is the text of its digits.
struct SocketFields {
    let members: JSONObject

    /// - Throws: ``Refusal`` for what is no object.
    init(_ argument: EventContent?) throws(Refusal) {
        guard case .json(let text)? = argument,
            let value = try? JSONParser.parse(text.readableBytesUInt8Span), let members = value.objectValue
        else { throw Refusal(.invalidPayload, "payload must be an object") }
        self.members = members
    }

    private func given(_ name: String) -> JSONValue? {
        let value = members[name]
        return value == .null ? nil : value
    }

    /// A text of 1 to `maximum` bytes.
    func text(_ name: String, maximum: Int) throws(Refusal) -> String? {
        guard let value = given(name) else { return nil }
        guard let text = value.stringValue, (1...maximum).contains(text.utf8.count), !text.utf8.contains(0) else {
            throw Refusal(.invalidPayload, "must be text of 1 to \(maximum) bytes", field: name)
        }
        return text
    }

    func id(_ name: String) throws(Refusal) -> String? {
        guard let value = given(name) else { return nil }
        switch value {
        case .string(let text) where text.isIdentifier: return text
        case .integer(let number): return String(number)
        default: throw Refusal(.invalidPayload, "must be an id", field: name)
        }
    }

    func requiredID(_ name: String) throws(Refusal) -> String {
        guard let id = try id(name) else { throw Refusal(.invalidPayload, "can't be blank", field: name) }
        return id
    }

    func integer(_ name: String) throws(Refusal) -> Int64? {
        guard let value = given(name) else { return nil }
        guard let number = value.integerValue else {
            throw Refusal(.invalidPayload, "must be a whole number", field: name)
        }
        return number
    }

    func bool(_ name: String) throws(Refusal) -> Bool? {
        guard let value = given(name) else { return nil }
        guard let bool = value.boolValue else { throw Refusal(.invalidPayload, "must be true or false", field: name) }
        return bool
    }

    /// A place on the screen, from 0 to 1.
    func share(_ name: String) throws(Refusal) -> Double? {
        guard let value = given(name) else { return nil }
        guard let share = value.doubleValue, (0...1).contains(share) else {
            throw Refusal(.invalidPayload, "must be a number from 0 to 1", field: name)
        }
        return share
    }

    /// The id of a message: `msg_` and a UUID.
    func message(_ name: String) throws(Refusal) -> UUID? {
        guard let text = try text(name, maximum: 64) else { return nil }
        guard let id = UUID(uuidString: String(text.suffix(36))) else {
            throw Refusal(.invalidPayload, "must be an id", field: name)
        }
        return id
    }

    /// Where a client was: `last_seq` or `last_message_id`.
    func resumePoint() throws(Refusal) -> ResumePoint? {
        guard let seq = try integer("last_seq") else { return try message("last_message_id").map(ResumePoint.message) }
        guard seq >= 0 else { throw Refusal(.invalidPayload, "must be at least 0", field: "last_seq") }
        return .seq(seq)
    }

    // MARK: Who speaks

    /// The token decides who speaks; a payload that claims somebody else is refused.
    ///
    /// - Returns: How the user is shown: as the token says, or where it says nothing as the payload does.
    func speaker(_ identity: Identity) throws(Refusal) -> Identity {
        if let claimed = try id("user_id"), claimed != identity.userID {
            throw Refusal(.forbidden, "is not the bearer of this connection's token", field: "user_id")
        }
        guard let username = try text("username", maximum: 255) else { return identity }
        if let name = identity.name {
            guard name == username else {
                throw Refusal(.forbidden, "is not the name of this connection's user", field: "username")
            }
            return identity
        }
        guard username.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw Refusal(.invalidPayload, "may not hold control characters", field: "username")
        }
        var named = identity
        named.name = username
        return named
    }
}
