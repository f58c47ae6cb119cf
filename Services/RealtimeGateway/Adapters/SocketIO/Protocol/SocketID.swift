import RealtimeHTTP

/// What a client of a namespace is known by to all: 120 random bits, 20 characters of base64url.
struct SocketID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    static func random() -> SocketID {
        var generator = SystemRandomNumberGenerator()
        return SocketID(high: generator.next(), low: generator.next())
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads what ``text`` wrote.
    init?(_ text: String) {
        guard text.utf8.count == 20, let bytes = Base64URL.decode(text.utf8) else { return nil }
        func word(_ half: ArraySlice<UInt8>) -> UInt64 { half.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: word(bytes[..<8]), low: word(bytes[8...]) << 8)
    }

    var text: String {
        let bytes = [high, low].flatMap { word in
            (0..<8).reversed().map { UInt8(truncatingIfNeeded: word >> (UInt64($0) * 8)) }
        }
        return Base64URL.encode(Array(bytes.prefix(15)))
    }
}
