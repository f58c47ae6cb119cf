package import RealtimeHTTP

/// What a client sends, in any serializer.
package struct PhoenixMessage: Sendable, Hashable {
    package var joinRef: MessageReference
    package var ref: MessageReference
    package var topic: String
    package var event: String
    package var payload: EventContent
}

/// A frame that is no message; it closes the connection with 1011, as in Phoenix.
package struct MalformedFrame: Error, Hashable {
    package let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// What a reply says about the request.
package enum ReplyStatus: String, Sendable {
    case ok
    case error
}
