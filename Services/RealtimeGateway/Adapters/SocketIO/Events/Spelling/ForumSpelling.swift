import EventSchema
import Foundation
import RealtimeDomain

/// What happens in the words of contract 3.
enum ForumSpelling {
    /// An id as its backend spells it: one that is a number there is a number here, too.
    static func id(_ text: String) -> JSONValue {
        guard let number = Int64(text), number >= 0, number < 1 << 53, String(number) == text else {
            return .string(text)
        }
        return .integer(number)
    }

    static func connected(_ socketID: String, at now: Timestamp) -> JSONObject {
        ["socketId": .string(socketID), "timestamp": .string(now.description)]
    }

    static func disconnected(_ reason: String, at now: Timestamp) -> JSONObject {
        ["reason": .string(reason), "timestamp": .string(now.description)]
    }

    static func authenticated(_ identity: Identity, socketID: String) -> JSONObject {
        var user: JSONObject = [
            "id": id(identity.userID),
            "name": .string(identity.profile.name),
            "role": .string(role(identity)),
        ]
        user["email"] = identity.email.map(JSONValue.string) ?? .null
        return [
            "user": .object(user),
            "permissions": .array(identity.permissions.sorted().map(JSONValue.string)),
            "socketId": .string(socketID),
        ]
    }

    /// The highest of a user's roles.
    private static func role(_ identity: Identity) -> String {
        ["admin", "moderator"].first(where: identity.roles.contains) ?? identity.roles.min() ?? "user"
    }

    // MARK: People

    static func online(_ profile: Profile, lastSeen: Timestamp) -> JSONObject {
        [
            "user_id": id(profile.userID), "name": .string(profile.name),
            "avatar": profile.avatarURL.map(JSONValue.string) ?? .null,
            "last_seen": .string(lastSeen.description),
        ]
    }

    static func offline(_ userID: String, lastSeen: Timestamp) -> JSONObject {
        ["user_id": id(userID), "last_seen": .string(lastSeen.description)]
    }

    static func typing(_ profile: Profile, in threadID: String, _ isTyping: Bool) -> JSONObject {
        [
            "user_id": id(profile.userID), "name": .string(profile.name), "thread_id": id(threadID),
            "typing": .bool(isTyping),
        ]
    }
}
