import Foundation
import OutboundHTTP

/// A bucket, or what lies below a prefix of one, and the server that has it.
///
///     s3://media/vod?endpoint=http://127.0.0.1:8080&style=path&region=eu-central-1
package struct S3Location: Sendable, Hashable {
    /// Where a bucket's name stands in a URL.
    package enum Style: String, Sendable, CaseIterable {
        /// `https://server/bucket/key`: every server but AWS's takes it.
        case path
        /// `https://bucket.server/key`.
        case virtual
    }

    package let bucket: String
    /// Without slashes at its ends; empty for the whole bucket.
    package let prefix: String
    /// `https://server:port`; AWS's where it is not given.
    package let endpoint: String?
    /// Where it is not given: `path` for servers other than AWS's.
    package let style: Style?
    package let region: String?

    /// How one is written.
    package static let shape = "s3://bucket[/prefix][?endpoint=http://host:port&style=path&region=us-east-1]"

    /// Reads it; an error says which part is wrong, and shows nothing that could be a secret.
    package init(parsing url: String) throws(ObjectStoreError) {
        guard url.utf8.count <= 2048, let parts = URLComponents(string: url), parts.scheme?.lowercased() == "s3" else {
            throw Self.invalid("it is no URL such as \(Self.shape)")
        }
        guard parts.user == nil, parts.password == nil else {
            throw Self.invalid("keys belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, not into the URL")
        }
        guard let bucket = parts.host, Self.isBucket(bucket), parts.port == nil, parts.fragment == nil else {
            throw Self.invalid(
                "'\(parts.host ?? "")' is no name of a bucket (3 to 63 of a-z 0-9 . -); write \(Self.shape)"
            )
        }
        self.bucket = bucket
        prefix = parts.path.split(separator: "/").joined(separator: "/")
        guard prefix.isEmpty || ObjectKey(prefix) != nil else {
            throw Self.invalid("the prefix '\(prefix)' has other letters than A-Z a-z 0-9 . _ - /")
        }
        let options = try Self.options(parts.queryItems ?? [])
        endpoint = try options["endpoint"].map { text throws(ObjectStoreError) in try Self.endpoint(text) }
        style = try options["style"].map { text throws(ObjectStoreError) in
            guard let style = Style(rawValue: text) else {
                throw Self.invalid("style '\(text)' is not path or virtual")
            }
            return style
        }
        region = try options["region"].map { text throws(ObjectStoreError) in
            guard Self.isRegion(text) else { throw Self.invalid("'\(text)' is no name of a region") }
            return text
        }
    }

    /// The location as a URL; it holds no secret.
    package var url: String {
        let options = [("endpoint", endpoint), ("style", style?.rawValue), ("region", region)]
        let query = options.compactMap { name, value in value.map { "\(name)=\($0)" } }.joined(separator: "&")
        return "s3://\(bucket)\(prefix.isEmpty ? "" : "/\(prefix)")\(query.isEmpty ? "" : "?\(query)")"
    }

    // MARK: Parts

    private static func invalid(_ problem: String) -> ObjectStoreError {
        ObjectStoreError(.invalidConfiguration, "the address of the S3 store: \(problem)")
    }

    private static func options(_ items: [URLQueryItem]) throws(ObjectStoreError) -> [String: String] {
        var options: [String: String] = [:]
        for item in items {
            guard ["endpoint", "style", "region"].contains(item.name) else {
                throw invalid("'\(item.name)' is no option; there are endpoint, style and region")
            }
            guard options.updateValue(item.value ?? "", forKey: item.name) == nil else {
                throw invalid("'\(item.name)' is given twice")
            }
        }
        return options
    }

    private static func endpoint(_ text: String) throws(ObjectStoreError) -> String {
        guard let address = HTTPAddress(text), let parts = URLComponents(string: address.url), parts.path == "/",
            parts.query == nil
        else { throw invalid("the endpoint is no http or https URL with a host, a port if need be, and nothing else") }
        return String(address.url.dropLast())
    }

    static func isBucket(_ name: String) -> Bool {
        guard (3...63).contains(name.utf8.count), let first = name.utf8.first, let last = name.utf8.last else {
            return false
        }
        let isInner: (UInt8) -> Bool = { isLowercaseOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
        return name.utf8.allSatisfy(isInner) && isLowercaseOrDigit(first) && isLowercaseOrDigit(last)
            && !name.contains("..")
    }

    private static func isRegion(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { isLowercaseOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
