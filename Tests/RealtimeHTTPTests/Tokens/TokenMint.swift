import EventSchema
import Foundation
import JWTKit

/// Makes tokens, good ones and bad ones, byte by byte where the library would not make them.
enum TokenMint {
    static let secret = "a-secret-of-more-than-thirty-two-bytes"
    /// The moment that the tests take for now.
    static let now = Timestamp(milliseconds: 1_750_000_000_000)

    /// Seconds since 1970, `seconds` from ``now``.
    static func time(_ seconds: Int64) -> JSONValue { .integer(now.milliseconds / 1000 + seconds) }

    /// A token with these claims, besides a subject and an expiry in a minute if they are not given.
    static func token(
        _ claims: JSONObject = [:],
        header: JSONObject = [:],
        key: @Sendable (JWTKeyCollection) async throws -> JWTKeyCollection = signedWithSecret
    ) async throws -> String {
        let algorithm = try await key(JWTKeyCollection()).getKey()
        let defaults: JSONObject = ["sub": "user-1", "exp": time(60)]
        let header = ["alg": .string(algorithm.name), "typ": "JWT"].merging(header) { $1 }
        let claims = defaults.merging(claims) { $1 }.filter { $0.value != .null }
        let signed = encode(.object(header)) + "." + encode(.object(claims))
        return signed + "." + encode(try algorithm.sign(Data(signed.utf8)))
    }

    /// Any two parts, with any third.
    static func forged(_ header: JSONObject, _ claims: JSONObject, signature: [UInt8] = []) -> String {
        [encode(.object(header)), encode(.object(claims)), encode(signature)].joined(separator: ".")
    }

    static let signedWithSecret: @Sendable (JWTKeyCollection) async throws -> JWTKeyCollection = { keys in
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
    }

    private static func encode(_ value: JSONValue) -> String { encode(value.encoded) }

    private static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
