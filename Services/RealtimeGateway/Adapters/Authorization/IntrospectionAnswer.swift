import EventSchema
import RealtimeDomain

/// What the backend says of a token (RFC 7662 section 2.2): whose it is, or that it is nobody's.
///
/// What is said of the user stands at the top or under `user`. Without `active`, an answer that names a user says yes.
struct IntrospectionAnswer: Sendable {
    /// `nil` if the token is not good.
    let identity: Identity?
    /// How long it holds, if the backend says so.
    let lifetime: Duration?

    init(_ reply: BackendReply) throws(UnusableAnswer) {
        lifetime = AnswerLifetime.stated(reply.cacheControl)
        switch reply.status {
        case 200:
            do throws(SchemaError) {
                identity = try Self.identity(reply.body)
            } catch {
                throw UnusableAnswer(description: "it answered something else: \(error)")
            }
        // Whoever guards the endpoint with the token itself answers so.
        case 401, 403, 404: identity = nil
        default: throw UnusableAnswer(description: "it answered \(reply.status), expected 200")
        }
    }

    private static func identity(_ body: [UInt8]) throws(SchemaError) -> Identity? {
        guard let value = try? JSONParser.parse(body) else { throw SchemaError(.notJSON, "no JSON") }
        var whole = try ObjectReader(value, at: "")
        guard try whole.optionalBool("active") ?? true else { return nil }
        var members = whole.remaining
        if let user = try whole.optionalObject("user") { members.merge(user) { $1 == .null ? $0 : $1 } }
        var reader = try ObjectReader(.object(members), at: "")
        return try identity(&reader)
    }

    private static func identity(_ reader: inout ObjectReader) throws(SchemaError) -> Identity {
        var identity = Identity(userID: try userID(&reader))
        identity.name = try reader.optionalString("name").flatMap { $0.shown(maximum: 255) }
        identity.email = try reader.optionalString("email").flatMap { $0.shown(maximum: 320) }
        let avatars = [try reader.optionalString("avatar_url"), try reader.optionalString("avatar")]
        identity.avatarURL = avatars.lazy.compactMap(\.self).first?.shown(maximum: 2048)
        identity.roles = Set(try reader.optionalStrings("roles"))
        if let role = try reader.optionalString("role") { identity.roles.insert(role) }
        identity.permissions = Set(try reader.optionalStrings("permissions"))
        identity.expiresAt = try reader.optionalNumericDate("exp")
        return identity
    }

    /// The first of the names that a user's id has; a number is taken as it is written.
    private static func userID(_ reader: inout ObjectReader) throws(SchemaError) -> String {
        for key in ["sub", "user_id", "id"] {
            switch reader.remaining[key] {
            case .none, .null: continue
            case .integer(let number): return String(number)
            case .some: return try reader.identifier(key)
            }
        }
        throw .missing("id", expected: "string or integer")
    }
}
