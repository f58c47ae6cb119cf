import EventSchema

/// How somebody wants to be seen in a room.
package struct PresenceArrival: Sendable, Hashable {
    /// Bytes of a status.
    package static let maximumStatusLength = 64

    /// A word of the client's choice: `online`, `away`.
    package let status: String

    /// Reads the payload of a join; `{}` means online.
    ///
    /// - Throws: ``Refusal`` for what is not an object, a status that is too long or no text, or another user's id.
    package init(_ payload: Span<UInt8>, of identity: Identity) throws(Refusal) {
        guard let fields = try? JSONParser.parse(payload), case .object(let members) = fields else {
            throw Refusal(.invalidPayload, "payload must be an object")
        }
        switch members["user_id"] {
        case nil, .null, .string(identity.userID): break
        default: throw Refusal(.forbidden, "user_id is not the bearer of this connection's token")
        }
        switch members["status"] {
        case nil, .null: status = "online"
        case .string(let text) where (1...Self.maximumStatusLength).contains(text.utf8.count): status = text
        default: throw Refusal(.invalidPayload, "status must be text of 1 to \(Self.maximumStatusLength) bytes")
        }
    }

    /// ``meta`` for a device that was shown otherwise before, with a ref of its own and the ref that it replaces.
    package func meta(replacing ref: String) -> PresenceMeta {
        PresenceMeta(
            fields: ["status": .string(status), "phx_ref_prev": .string(ref)],
            departure: ["status": "offline"]
        )
    }

    /// What others see: the status, and `offline` when it goes, as contract 1 shows.
    package var meta: PresenceMeta {
        PresenceMeta(fields: ["status": .string(status)], departure: ["status": "offline"])
    }
}
