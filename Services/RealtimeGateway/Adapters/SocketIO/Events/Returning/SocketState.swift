import EventSchema
import RealtimeDomain

/// Who a client is and what it takes part in, as it is stored.
struct SocketState {
    let identity: Identity
    let contract: SocketContract
    let attendances: [StreamAttendance]
    let threads: Set<String>

    /// The conversations that the client may be in.
    var conversations: [ConversationKey] {
        let talks = attendances.map { $0.key ?? ConversationKey(.stream, $0.streamID) }
        return talks + threads.map { ConversationKey(.thread, $0) }
    }
}

// MARK: - Storing

extension SocketState {
    var json: JSONValue {
        [
            "user_id": .string(identity.userID),
            "identity": .object(Self.json(identity)),
            "contract": contract == .forum ? 3 : 4,
            "streams": .array(attendances.map(Self.json)),
            "threads": .array(threads.map(JSONValue.string)),
        ]
    }

    private static func json(_ identity: Identity) -> JSONObject {
        var object: JSONObject = [
            "roles": .array(identity.roles.map(JSONValue.string)),
            "permissions": .array(identity.permissions.map(JSONValue.string)),
            "topics": .array(identity.topics.map(JSONValue.string)),
        ]
        object.set("name", identity.name)
        object.set("email", identity.email)
        object.set("avatar_url", identity.avatarURL)
        object.set("app_id", identity.appID)
        if let expiry = identity.expiresAt { object["expires_at"] = .integer(expiry.milliseconds) }
        return object
    }

    private static func json(_ attendance: StreamAttendance) -> JSONValue {
        var object: JSONObject = [
            "id": .string(attendance.streamID), "watches": .bool(attendance.watches),
            "figures": .bool(attendance.followsFigures),
        ]
        object.set("talk", attendance.talk?.rawValue)
        object.set("name", attendance.name)
        return .object(object)
    }

    // MARK: Reading

    init?(_ json: JSONValue) {
        guard let userID = json["user_id"]?.stringValue, let object = json["identity"] else { return nil }
        func texts(_ value: JSONValue?) -> [String] { value?.arrayValue?.compactMap(\.stringValue) ?? [] }
        identity = Identity(
            userID: userID,
            name: object["name"]?.stringValue,
            email: object["email"]?.stringValue,
            avatarURL: object["avatar_url"]?.stringValue,
            roles: Set(texts(object["roles"])),
            permissions: Set(texts(object["permissions"])),
            topics: texts(object["topics"]),
            appID: object["app_id"]?.stringValue,
            expiresAt: object["expires_at"]?.integerValue.map { Timestamp(milliseconds: $0) }
        )
        contract = json["contract"]?.integerValue == 3 ? .forum : .streams
        threads = Set(texts(json["threads"]))
        attendances = (json["streams"]?.arrayValue ?? []).compactMap(Self.attendance)
    }

    private static func attendance(_ json: JSONValue) -> StreamAttendance? {
        json["id"]?.stringValue.map { id in
            StreamAttendance(
                streamID: id,
                talk: json["talk"]?.stringValue.flatMap(ConversationKey.Kind.init),
                name: json["name"]?.stringValue,
                watches: json["watches"]?.boolValue ?? false,
                followsFigures: json["figures"]?.boolValue ?? false
            )
        }
    }
}
