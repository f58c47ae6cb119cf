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

    private static func identity(_ reader: inout ObjectReader) throws(SchemaError) -> Identity {
        var identity = Identity(userID: try reader.identifier("sub"))
        identity.name = try reader.optionalString("name").flatMap { $0.shown(maximum: 255) }
        identity.email = try reader.optionalString("email")
        identity.avatarURL = try reader.optionalString("avatar_url").flatMap { $0.shown(maximum: 2048) }
        identity.roles = Set(try reader.optionalStrings("roles"))
        if let role = try reader.optionalString("role") { identity.roles.insert(role) }
        identity.permissions = Set(try reader.optionalStrings("permissions"))
        identity.topics = try reader.optionalStrings("topics")
        identity.appID = try reader.optionalString("app_id")
        identity.expiresAt = try reader.optionalNumericDate("exp")
        return identity
    }
}
