import NIOCore
import RealtimeHTTP

/// The packets of one request or answer.
enum EnginePayload {
    /// Packets that one request may bring.
    private static let maximumPackets = 16_384

    /// Takes a request's body apart.
    ///
    /// - Returns: The packets up to the first that is none, that one included; `nil` for what is no text, or too many.
    static func packets(in body: ByteBuffer) -> [ClientMessage]? {
        guard (try? UTF8Span(validating: body.readableBytesUInt8Span)) != nil else { return nil }
        var packets: [ClientMessage] = []
        var rest = body.readableBytesView[...]
        while true {
            let end = rest.firstIndex(of: EngineFraming.separator) ?? rest.endIndex
            packets.append(.text(ByteBuffer(rest[..<end])))
            guard packets.count <= maximumPackets else { return nil }
            guard end < rest.endIndex, rest.first.map(isPacket) == true else { return packets }
            rest = rest[rest.index(after: end)...]
        }
    }

    private static func isPacket(_ type: UInt8) -> Bool {
        switch type {
        case UInt8(ascii: "0")...UInt8(ascii: "6"), UInt8(ascii: "b"): true
        default: false
        }
    }

    static func join(_ packets: [ByteBuffer]) -> ByteBuffer {
        guard packets.count > 1 else { return packets.first ?? ByteBuffer() }
        var body = ByteBufferAllocator().buffer(capacity: packets.reduce(packets.count) { $0 + $1.readableBytes })
        for (index, packet) in packets.enumerated() {
            if index > 0 { body.writeInteger(EngineFraming.separator) }
            body.writeImmutableBuffer(packet)
        }
        return body
    }
}
