import EventSchema
import RealtimeDomain

/// The answers to `authenticate`, in the words of each contract.
enum AuthenticationSpelling {
    static func accepted(
        _ admission: SocketGate.Admission,
        socketID: String
    ) -> (name: String, payload: JSONObject) {
        let identity = admission.identity
        switch admission.contract {
        case .forum: return ("authenticated", ForumSpelling.authenticated(identity, socketID: socketID))
        case .streams:
            return (
                "authenticated",
                [
                    "user_id": .string(identity.userID), "username": .string(identity.profile.name),
                    "socket_id": .string(socketID),
                ]
            )
        }
    }

    static func refused(
        _ refusal: Refusal,
        in contract: SocketContract
    ) -> (name: String, payload: JSONObject) {
        switch contract {
        case .forum:
            let code = ErrorSpelling.payload(refusal, in: .forum, at: .now)["code"]
            return ("authentication_error", ["error": .string(refusal.message), "code": code ?? "AUTH_FAILED"])
        case .streams: return ("unauthorized", ErrorSpelling.payload(refusal, in: .streams, at: .now))
        }
    }
}
