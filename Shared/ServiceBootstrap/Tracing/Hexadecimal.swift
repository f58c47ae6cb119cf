/// Numbers as W3C Trace Context spells them: lower case, of fixed length.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// The number that at most 16 lower-case digits spell; `nil` for anything else.
    static func value(of text: some Collection<UInt8>) -> UInt64? {
        guard (1...16).contains(text.count) else { return nil }
        var value: UInt64 = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }

    /// All 16 digits of `value`.
    static func text(_ value: UInt64) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for shift in stride(from: 60, through: 0, by: -4) { bytes.append(digits[Int(value >> UInt64(shift) & 15)]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
