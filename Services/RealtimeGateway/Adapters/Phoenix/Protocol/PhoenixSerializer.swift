package import NIOCore
package import RealtimeHTTP

/// One version of Phoenix's wire format.
package protocol PhoenixSerializer: EventEncoding {
    /// Reads a message.
    func decode(_ frame: ClientMessage) throws(MalformedFrame) -> PhoenixMessage

    /// Builds the answer to one message.
    func reply(
        _ joinRef: MessageReference,
        _ ref: MessageReference,
        topic: String,
        _ status: ReplyStatus,
        _ response: EventContent
    ) -> ByteBuffer?

    /// Builds a message to one member of a channel.
    ///
    /// `ref` is null but for `phx_close` and `phx_error`.
    func push(
        _ joinRef: MessageReference,
        ref: MessageReference,
        topic: String,
        event: String,
        _ payload: EventContent
    ) -> ByteBuffer?
}

/// The serializers by the `vsn` a client asks for.
package enum SerializerVersions {
    static let v1: any PhoenixSerializer = SerializerV1(framing: .webSocket)
    static let v2: any PhoenixSerializer = SerializerV2(framing: .webSocket)
    private static let polledV1: any PhoenixSerializer = SerializerV1(framing: .longPoll)
    private static let polledV2: any PhoenixSerializer = SerializerV2(framing: .longPoll)

    /// The serializer for `vsn` on a transport; `nil` for versions nobody speaks.
    ///
    /// Phoenix matches `~> 1.0.0` and `~> 2.0.0`, and takes a client that says nothing for an old one.
    static func negotiate(_ vsn: String?, _ framing: MessageFraming) -> (any PhoenixSerializer)? {
        switch (majorVersion(vsn), framing) {
        case (1, .webSocket): v1
        case (1, .longPoll): polledV1
        case (2, .webSocket): v2
        case (2, .longPoll): polledV2
        default: nil
        }
    }

    private static func majorVersion(_ vsn: String?) -> Int? {
        guard let vsn else { return 1 }
        let version = vsn.prefix { $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
        guard version.count == 3, version.allSatisfy(isVersionNumber) else { return nil }
        switch (version[0], version[1]) {
        case ("1", "0"): return 1
        case ("2", "0"): return 2
        default: return nil
        }
    }

    /// Semantic Versioning 2.0.0, item 2: digits without a leading zero.
    private static func isVersionNumber(_ text: Substring) -> Bool {
        (1...9).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && (text == "0" || !text.hasPrefix("0"))
    }
}
