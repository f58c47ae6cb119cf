import Foundation
package import OutboundHTTP

/// Where objects are kept, as `OBJECT_STORE_URL` says.
package enum ObjectStoreLocation: Sendable, Hashable {
    /// A folder, by its absolute path.
    case local(path: String)
    /// A bucket, or a part of one.
    case s3(S3Location)

    /// What ``init(parsing:)`` takes.
    package static let shape = "file:///absolute/path or \(S3Location.shape)"

    /// Reads `file:///var/media` or `s3://bucket/prefix`; a scheme nobody here serves is an error that names those that
    /// are.
    package init(parsing url: String) throws(ObjectStoreError) {
        guard let colon = url.range(of: "://") else {
            throw ObjectStoreError(.invalidConfiguration, "'\(url)' is no URL; supported is \(Self.shape)")
        }
        let scheme = url[..<colon.lowerBound].lowercased()
        switch scheme {
        case "file": self = .local(path: try Self.path(url[colon.upperBound...]))
        case "s3": self = .s3(try S3Location(parsing: url))
        default:
            throw ObjectStoreError(
                .invalidConfiguration,
                "object stores at '\(scheme)://' are not supported; supported is \(Self.shape)"
            )
        }
    }

    private static func path(_ text: Substring) throws(ObjectStoreError) -> String {
        guard let path = text.removingPercentEncoding, path.hasPrefix("/"), !path.contains("\0") else {
            throw ObjectStoreError(
                .invalidConfiguration,
                "'file://\(text)' has no absolute path; write file:///absolute/path"
            )
        }
        return path == "/" ? path : path.trimmingTrailingSlashes
    }

    /// The store at this place, opened.
    ///
    /// - Parameters:
    ///   - credentials: Needed for S3.
    ///   - authorities: Who vouches for it besides those that the system trusts.
    package func open(
        _ credentials: S3Credentials? = nil,
        trusting authorities: TrustedAuthorities? = nil
    ) throws(ObjectStoreError) -> any ObjectStore {
        switch self {
        case .local(let path): return try LocalObjectStore(root: path)
        case .s3(let location):
            guard let credentials else {
                throw ObjectStoreError(
                    .invalidConfiguration,
                    "\(location.url) needs keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                )
            }
            var settings = S3Client.Settings()
            settings.authorities = authorities
            return S3ObjectStore(location, credentials, settings: settings)
        }
    }

    /// The location as a URL, for handing it to another process; it holds no secret.
    package var url: String {
        switch self {
        case .local(let path): URL(fileURLWithPath: path, isDirectory: true).absoluteString
        case .s3(let location): location.url
        }
    }
}

extension String {
    fileprivate var trimmingTrailingSlashes: String {
        var text = self[...]
        while text.count > 1, text.hasSuffix("/") { text.removeLast() }
        return String(text)
    }
}
