import Foundation
import MediaDomain

/// An upload's `file_path`, read as the path of a local file.
struct SourceURI: Hashable {
    /// Linux's PATH_MAX; nothing longer can be opened.
    private static let maximumBytes = 4096

    /// Absolute.
    let path: String

    init(_ text: String) throws(MediaError) {
        guard text.utf8.count <= Self.maximumBytes * 3 else {
            throw MediaError(.unsupportedSource, "a file_path of \(text.utf8.count) bytes is longer than any path")
        }
        let path = try Self.localPath(text)
        guard path.hasPrefix("/") else {
            throw MediaError(.unsupportedSource, "'\(text)' is neither an absolute path nor a file:// URL")
        }
        guard path.utf8.count < Self.maximumBytes, !path.utf8.contains(0) else {
            throw MediaError(.notAllowed, "the file_path is no path of this machine")
        }
        self.path = path
    }

    private static func localPath(_ text: String) throws(MediaError) -> String {
        guard !text.hasPrefix("/"), let scheme = scheme(of: text) else { return text }
        switch scheme {
        case "file": return try filePath(text)
        case "s3", "http", "https":
            throw MediaError(
                .unsupportedSource,
                "\(scheme):// sources are not set up here (MEDIA_URLS, MEDIA_BUCKETS); put the file under MEDIA_ROOT"
            )
        default: throw MediaError(.unsupportedSource, "\(scheme): sources are not supported")
        }
    }

    /// RFC 3986 section 3.1; `nil` if the text does not begin with one.
    private static func scheme(of text: String) -> String? {
        guard let colon = text.firstIndex(of: ":"), let first = text.first, first.isASCII, first.isLetter else {
            return nil
        }
        let scheme = text[..<colon]
        guard scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }) else {
            return nil
        }
        return scheme.lowercased()
    }

    /// RFC 8089: `file:///path`, `file://localhost/path`, `file:/path`.
    private static func filePath(_ text: String) throws(MediaError) -> String {
        var rest = text.dropFirst("file:".count)
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let host = rest.prefix { $0 != "/" }
            guard host.isEmpty || host.lowercased() == "localhost" else {
                throw MediaError(.unsupportedSource, "'\(text)' names another machine; write file:///absolute/path")
            }
            rest = rest.dropFirst(host.count)
        }
        guard let path = rest.removingPercentEncoding else {
            throw MediaError(.unsupportedSource, "'\(text)' is no valid URL")
        }
        return path
    }
}
