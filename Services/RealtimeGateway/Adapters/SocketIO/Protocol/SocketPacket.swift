import EventSchema
import NIOCore

/// A packet that a client sent, without its attachments.
struct SocketPacket: Equatable {
    enum Kind: UInt8 {
        case connect = 0x30
        case disconnect
        case event
        case acknowledgement
        case connectError
        case binaryEvent
        case binaryAcknowledgement
    }

    /// A packet that breaks the rules; the connection closes for it.
    struct Invalid: Error, Equatable {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    var kind: Kind
    var attachments = 0
    var namespace = "/"
    var id: UInt64?
    /// The payload of a CONNECT.
    var auth: ByteBuffer?
    /// The name of an event; `nil` for other packets, and for an event that says nothing.
    var name: String?
    /// The elements of the payload, behind the name if there is one.
    var arguments: [ByteBuffer] = []

    /// Names that events may not have, since they are those of what clients and servers do.
    static let reservedNames: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    /// Reads a packet: type, attachments, namespace, id, JSON.
    init(_ text: ByteBuffer, _ limits: SocketLimits) throws(Invalid) {
        var rest = text
        guard let kind = rest.readInteger(as: UInt8.self).flatMap(Kind.init) else {
            throw Invalid("unknown packet type")
        }
        self.kind = kind
        if isBinary { attachments = try Self.attachments(&rest, limits.attachments) }
        namespace = try Self.namespace(&rest, limits.namespaceBytes) ?? "/"
        id = try Self.id(&rest)
        try readPayload(rest, limits)
    }

    var isBinary: Bool { kind == .binaryEvent || kind == .binaryAcknowledgement }

    private static func attachments(_ rest: inout ByteBuffer, _ limit: Int) throws(Invalid) -> Int {
        guard let count = try number(&rest, digits: 9), rest.readInteger(as: UInt8.self) == UInt8(ascii: "-") else {
            throw Invalid("illegal attachments")
        }
        guard count <= limit else { throw Invalid("too many attachments") }
        return Int(count)
    }

    private static func namespace(_ rest: inout ByteBuffer, _ limit: Int) throws(Invalid) -> String? {
        let view = rest.readableBytesView
        guard view.first == UInt8(ascii: "/") else { return nil }
        let name = view.prefix { $0 != UInt8(ascii: ",") }
        guard name.count <= limit else { throw Invalid("namespace is too long") }
        rest.moveReaderIndex(forwardBy: min(name.count + 1, view.count))
        return String(decoding: name, as: UTF8.self)
    }

    private static func id(_ rest: inout ByteBuffer) throws(Invalid) -> UInt64? { try number(&rest, digits: 15) }

    /// Reads a number, if there is one, of so many digits at most.
    private static func number(_ rest: inout ByteBuffer, digits: Int) throws(Invalid) -> UInt64? {
        let text = rest.readableBytesView.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !text.isEmpty else { return nil }
        guard text.count <= digits else { throw Invalid("number is too long") }
        rest.moveReaderIndex(forwardBy: text.count)
        return text.reduce(0) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
    }
}

// MARK: - The payload

extension SocketPacket {
    private mutating func readPayload(_ payload: ByteBuffer, _ limits: SocketLimits) throws(Invalid) {
        switch kind {
        case .connectError: throw Invalid("a client refuses no one")
        case .disconnect: guard payload.readableBytes == 0 else { throw Invalid("invalid payload") }
        case .connect: try readAuth(payload)
        case .event, .binaryEvent:
            try readElements(payload, limits.arguments)
            try readName()
        case .acknowledgement, .binaryAcknowledgement: try readElements(payload, limits.arguments)
        }
        guard attachments > 0 else { return }
        for argument in arguments { try SocketPlaceholder.check(argument, attachments: attachments) }
    }

    private mutating func readAuth(_ payload: ByteBuffer) throws(Invalid) {
        guard payload.readableBytes > 0 else { return }
        let bytes = payload.readableBytesUInt8Span
        var scanner = JSONScanner()
        do throws(JSONError) {
            guard scanner.peek(in: bytes) == UInt8(ascii: "{") else { throw JSONError("expected an object", at: 0) }
            let range = try scanner.skipValue(in: bytes)
            try scanner.expectEnd(in: bytes)
            auth = payload.part(range)
        } catch {
            throw Invalid(error.description)
        }
    }

    /// Reads an array; the reference takes no notice of a payload that is missing.
    private mutating func readElements(_ payload: ByteBuffer, _ limit: Int) throws(Invalid) {
        guard payload.readableBytes > 0 else { return }
        let bytes = payload.readableBytesUInt8Span
        var scanner = JSONScanner()
        do throws(JSONError) {
            try scanner.expect(UInt8(ascii: "["), in: bytes)
            if !scanner.consume(UInt8(ascii: "]"), in: bytes) {
                repeat {
                    guard arguments.count < limit else { throw JSONError("too many elements", at: scanner.index) }
                    arguments.append(payload.part(try scanner.skipValue(in: bytes, depth: 1)))
                } while scanner.consume(UInt8(ascii: ","), in: bytes)
                try scanner.expect(UInt8(ascii: "]"), in: bytes)
            }
            try scanner.expectEnd(in: bytes)
        } catch {
            throw Invalid(error.description)
        }
        let needsName = kind == .event || kind == .binaryEvent
        if needsName, arguments.isEmpty { throw Invalid("event without a name") }
    }

    /// Takes the name off the elements: a string, or a number, which is its own name.
    private mutating func readName() throws(Invalid) {
        guard let first = arguments.first else { return }
        let bytes = first.readableBytesUInt8Span
        switch bytes[0] {
        case UInt8(ascii: "\""):
            var scanner = JSONScanner()
            do throws(JSONError) {
                let (content, escaped) = try scanner.skipString(in: bytes)
                name = try JSONParser.unescape(content, escaped: escaped, in: bytes)
            } catch {
                throw Invalid(error.description)
            }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): name = String(buffer: first)
        default: throw Invalid("event without a name")
        }
        guard name.map(Self.reservedNames.contains) == false else { throw Invalid("reserved name") }
        arguments.removeFirst()
    }
}

extension ByteBuffer {
    /// The bytes at a range that counts from the first readable one; shares the storage.
    fileprivate func part(_ range: Range<Int>) -> ByteBuffer {
        getSlice(at: readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}
