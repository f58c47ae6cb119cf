import EventSchema
import RealtimeDomain

/// The claims of a token that we read (RFC 7519 section 4.1, and our own for people and their rights).
struct TokenClaims {
    let identity: Identity
    /// The `nbf` claim: the token is not good before.
    let notBefore: Timestamp?

    /// Reads the claims; a wrong type is an error, an unknown claim is not.
    init(_ payload: JSONValue) throws(TokenError) {
        do throws(SchemaError) {
            var reader = try ObjectReader(payload, at: "")
            notBefore = try reader.optionalNumericDate("nbf")
            identity = try Self.identity(&reader)
        } catch {
            throw .badClaims
        }
    }

    /// What of a text can be stored and shown; `nil` if that is nothing.
    private static func shown(_ text: String, maximum: Int) -> String? {
        var shown = String(
            String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F })
        )
        while shown.utf8.count > maximum { shown.removeLast() }
        return shown.isEmpty ? nil : shown
    }

    private static func identity(_ reader: inout ObjectReader) throws(SchemaError) -> Identity {
        var identity = Identity(userID: try reader.identifier("sub"))
        identity.name = try reader.optionalString("name").flatMap { Self.shown($0, maximum: 255) }
        identity.email = try reader.optionalString("email")
        identity.avatarURL = try reader.optionalString("avatar_url").flatMap { Self.shown($0, maximum: 2048) }
        identity.roles = Set(try reader.optionalStrings("roles"))
        if let role = try reader.optionalString("role") { identity.roles.insert(role) }
        identity.permissions = Set(try reader.optionalStrings("permissions"))
        identity.topics = try reader.optionalStrings("topics")
        identity.appID = try reader.optionalString("app_id")
        identity.expiresAt = try reader.optionalNumericDate("exp")
        return identity
    }
}

extension ObjectReader {
    /// A list that may be left out.
    fileprivate mutating func optionalStrings(_ key: String) throws(SchemaError) -> [String] {
        remaining[key] == nil || remaining[key] == .null ? [] : try strings(key)
    }

    /// Seconds since 1970, with a fraction or without (RFC 7519 section 2).
    fileprivate mutating func optionalNumericDate(_ key: String) throws(SchemaError) -> Timestamp? {
        guard let seconds = try optionalNumber(key) else { return nil }
        // The end of the year 9999, which is as far as RFC 3339 can spell.
        guard (0...253_402_300_799).contains(seconds) else { throw .invalid(path(of: key), "is no date") }
        return Timestamp(milliseconds: Int64(seconds * 1000))
    }
}
