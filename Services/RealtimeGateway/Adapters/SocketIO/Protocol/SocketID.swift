import RealtimeHTTP

/// What a client of a namespace is known by to all: 120 random bits, 20 characters of base64url.
struct SocketID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    static func random() -> SocketID {
        var generator = SystemRandomNumberGenerator()
        return SocketID(high: generator.next(), low: generator.next())
    }

    var text: String {
        let bytes = [high, low].flatMap { word in
            (0..<8).reversed().map { UInt8(truncatingIfNeeded: word >> (UInt64($0) * 8)) }
        }
        return Base64URL.encode(Array(bytes.prefix(15)))
    }
}
