import Crypto

/// SHA-256 (FIPS 180-4) of what is stored, in lowercase hexadecimal digits.
package enum ContentDigest {
    package static func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text: [UInt8] = bytes.flatMap { (byte: UInt8) in [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
