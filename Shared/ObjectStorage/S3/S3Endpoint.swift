import Foundation
import OutboundHTTP

/// How objects of one bucket are spelled in requests.
struct S3Endpoint: Sendable, Hashable {
    let bucket: String
    let region: String
    /// `https://server` or `https://bucket.server`.
    private let origin: String
    /// What stands before a key.
    private let basePath: String
    /// The value of `Host`.
    let host: String

    /// - Parameter region: Where the location names none.
    init(_ location: S3Location, region fallback: String?) {
        bucket = location.bucket
        region = location.region ?? fallback ?? "us-east-1"
        let server = location.endpoint ?? "https://s3.\(region).amazonaws.com"
        // A certificate for *.server does not cover a name with dots in place of the star.
        let isPlain = location.endpoint == nil && !location.bucket.contains(".")
        let style = location.style ?? (isPlain ? .virtual : .path)
        switch style {
        case .path:
            origin = server
            basePath = "/\(location.bucket)"
        case .virtual:
            origin = server.replacing("://", with: "://\(location.bucket).")
            basePath = ""
        }
        host = Self.authority(of: origin)
    }

    /// The path of an object, escaped as it is signed and sent; of the bucket for the empty key.
    func path(of key: String) -> String {
        key.isEmpty
            ? (basePath.isEmpty ? "/" : basePath) : "\(basePath)/\(URIEncoding.escape(key, keepsSlashes: true))"
    }

    func url(path: String, query: String) -> String { "\(origin)\(path)\(query.isEmpty ? "" : "?\(query)")" }

    /// Where messages say that something is.
    var description: String { "bucket '\(bucket)' at \(origin)" }

    /// Without a port that the scheme implies, as clients send it.
    private static func authority(of origin: String) -> String {
        let (name, implied) =
            origin.hasPrefix("https://") ? (origin.dropFirst(8), ":443") : (origin.dropFirst(7), ":80")
        return String(name.hasSuffix(implied) ? name.dropLast(implied.count) : name)
    }
}
