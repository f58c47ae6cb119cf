import EventSchema
import NIOCore
import RealtimeHTTP

/// A client's new token, which it sends over the open connection before the old one ends, as Supabase's clients do.
///
/// The event `access_token` is the connection's and no channel's if its payload has a member of that name; an event that
/// is only called so is the channel's own.
struct TokenRefresh {
    private static let name = "access_token"

    /// Empty if what stands there is no text: nobody's token.
    let token: String

    init?(_ message: PhoenixMessage) {
        guard message.event == Self.name, case .json(let payload) = message.payload else { return nil }
        let bytes = payload.readableBytesUInt8Span
        guard let value = try? JSONMembers(scanning: bytes).value(of: Self.name, in: bytes) else { return nil }
        token = (try? JSONParser.string(at: value, in: bytes)) ?? ""
    }
}
