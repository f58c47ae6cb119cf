import Crypto
package import Foundation

/// Signs requests after AWS Signature Version 4.
package struct SigV4Signer: Sendable {
    /// What of a request is signed.
    package struct Content: Sendable {
        package var method: String
        /// As it is sent, escaped.
        package var path: String
        /// Names and values, not escaped.
        package var query: [(String, String)]
        /// With `host` and `x-amz-date`; all are signed.
        package var headers: [(String, String)]
        /// The SHA-256 of the body, in hexadecimal.
        package var bodyHash: String

        package init(
            method: String,
            path: String,
            query: [(String, String)] = [],
            headers: [(String, String)],
            bodyHash: String
        ) {
            self.method = method
            self.path = path
            self.query = query
            self.headers = headers
            self.bodyHash = bodyHash
        }
    }

    private let credentials: S3Credentials
    private let region: String
    private let service: String

    package init(credentials: S3Credentials, region: String, service: String = "s3") {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The value of `Authorization`.
    package func authorization(for content: Content, at date: Date) -> String {
        let time = Self.timestamp(date)
        let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
        let names = content.headers.map { $0.0.lowercased() }.sorted().joined(separator: ";")
        let canonical = ContentDigest.sha256(Array(Self.canonicalRequest(content, signedHeaders: names).utf8))
        let toSign = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(canonical)"
        let signature = HMAC<SHA256>.authenticationCode(for: Data(toSign.utf8), using: key(day: time.prefix(8)))
        return "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), "
            + "Signature=\(ContentDigest.hexadecimal(signature))"
    }

    /// The value of `x-amz-date`: `20130524T000000Z`.
    package static func timestamp(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted))
    }

    // MARK: Steps

    private static func canonicalRequest(_ content: Content, signedHeaders: String) -> String {
        let headers = content.headers.map { ($0.0.lowercased(), $0.1.collapsingBlanks) }.sorted { $0.0 < $1.0 }
        return """
            \(content.method)
            \(content.path)
            \(queryText(content.query))
            \(headers.map { "\($0.0):\($0.1)\n" }.joined())
            \(signedHeaders)
            \(content.bodyHash)
            """
    }

    /// A query as it is signed and sent: escaped, ordered by its bytes.
    package static func queryText(_ query: [(String, String)]) -> String {
        let escaped = query.map { (name: URIEncoding.escape($0.0), value: URIEncoding.escape($0.1)) }
        let sorted = escaped.sorted { $0.name == $1.name ? $0.value < $1.value : $0.name < $1.name }
        return sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    private func key(day: Substring) -> SymmetricKey {
        var key = SymmetricKey(data: Data("AWS4\(credentials.secretAccessKey)".utf8))
        for part in [String(day), region, service, "aws4_request"] {
            key = SymmetricKey(data: Data(HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key)))
        }
        return key
    }
}

/// Percent-encoding as AWS signs it: all but `A-Z a-z 0-9 - . _ ~`.
enum URIEncoding {
    /// - Parameter keepsSlashes: For paths, whose segments they divide.
    static func escape(_ text: String, keepsSlashes: Bool = false) -> String {
        var escaped: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.append(byte)
            case UInt8(ascii: "/") where keepsSlashes: escaped.append(byte)
            default: escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}

extension String {
    /// Without blanks at its ends, and with one where there were several.
    fileprivate var collapsingBlanks: String { split(separator: " ").joined(separator: " ") }
}
