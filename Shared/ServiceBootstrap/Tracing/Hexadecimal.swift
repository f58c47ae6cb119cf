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
        String(decoding: bytes(of: value), as: UTF8.self)
    }

    /// Writes all 16 digits of `value` into `bytes`, from `start` on.
    static func write(_ value: UInt64, into bytes: inout [UInt8], at start: Int) {
        for index in 0..<16 { bytes[start + index] = digits[Int(value >> UInt64(60 - 4 * index) & 15)] }
    }

    private static func bytes(of value: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16)
        write(value, into: &bytes, at: 0)
        return bytes
    }
}
