import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// What a client shows to be let in, as it connects or by `authenticate`: a token and, in contract 4, an application.
struct SocketCredentials: Sendable {
    /// Bytes of the longest token that is looked at.
    private static let maximumTokenLength = 8192

    let token: String
    let appID: String?

    /// Contract 4's clients name an application, contract 3's do not.
    var contract: SocketContract { appID == nil ? .forum : .streams }

    init(_ argument: EventContent?) throws(Refusal) {
        let fields = try SocketFields(argument)
        appID = try fields.id("app_id")
        guard let token = try fields.text("token", maximum: Self.maximumTokenLength) else {
            throw Refusal(.unauthorized, "can't be blank", field: "token")
        }
        self.token = token
    }

    /// What a client shows as it connects; `nil` if that is nothing, and it means to authenticate later.
    init?(connecting auth: ByteBuffer?) throws(Refusal) {
        guard let auth, let token = (try? SocketFields(.json(auth)))?.members["token"], token != .null else {
            return nil
        }
        try self.init(.json(auth))
    }

    /// The contract of a client whose credentials cannot be read.
    static func contract(of argument: EventContent?) -> SocketContract {
        let appID = (try? SocketFields(argument))?.members["app_id"]
        return appID == nil || appID == .null ? .forum : .streams
    }
}
