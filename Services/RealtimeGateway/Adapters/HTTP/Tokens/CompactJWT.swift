import EventSchema
import RealtimeDomain

/// A JSON Web Token in its compact form (RFC 7515 section 7.1), taken apart but not yet believed.
struct CompactJWT {
    /// The algorithm that the header claims.
    let algorithm: String
    /// What the signature covers: header, dot and payload as they came.
    let signedBytes: ArraySlice<UInt8>
    let signature: [UInt8]
    private let encodedPayload: ArraySlice<UInt8>

    /// Takes `token` apart.
    ///
    /// A header with `crit` is refused, as RFC 7515 section 4.1.11 demands of a reader that knows no extension.
    init(_ token: [UInt8]) throws(TokenError) {
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.decode(parts[2]) else { throw .malformed }
        let header = try Self.json(parts[0])
        guard header["crit"] == nil, let algorithm = header["alg"]?.stringValue else { throw .malformed }
        self.algorithm = algorithm
        self.signature = signature
        encodedPayload = parts[1]
        signedBytes = token[..<parts[1].endIndex]
    }

    /// The claims; to be read only after the signature was found good.
    func payload() throws(TokenError) -> JSONValue {
        try Self.json(encodedPayload)
    }

    private static func json(_ encoded: ArraySlice<UInt8>) throws(TokenError) -> JSONValue {
        guard let bytes = Base64URL.decode(encoded), let value = try? JSONParser.parse(bytes) else { throw .malformed }
        guard case .object = value else { throw .malformed }
        return value
    }
}
