import Foundation

/// Where objects are kept, as `OBJECT_STORE_URL` says.
package enum ObjectStoreLocation: Sendable, Hashable {
    /// A folder, by its absolute path.
    case local(path: String)

    /// Reads `file:///var/media`; a scheme nobody here serves is an error that names those that are.
    package init(parsing url: String) throws(ObjectStoreError) {
        guard let colon = url.range(of: "://") else {
            throw ObjectStoreError(.invalidConfiguration, "'\(url)' is no URL; supported is file:///absolute/path")
        }
        let scheme = url[..<colon.lowerBound].lowercased()
        guard scheme == "file" else {
            throw ObjectStoreError(
                .invalidConfiguration,
                "object stores at '\(scheme)://' are not supported; supported is file:///absolute/path"
            )
        }
        guard let path = url[colon.upperBound...].removingPercentEncoding, path.hasPrefix("/"), !path.contains("\0")
        else {
            throw ObjectStoreError(.invalidConfiguration, "'\(url)' has no absolute path; write file:///absolute/path")
        }
        self = .local(path: path == "/" ? path : path.trimmingTrailingSlashes)
    }

    /// The store at this place, opened.
    package func open() throws(ObjectStoreError) -> any ObjectStore {
        switch self {
        case .local(let path): try LocalObjectStore(root: path)
        }
    }

    /// The location as a URL, for handing it to another process.
    package var url: String {
        switch self {
        case .local(let path): URL(fileURLWithPath: path, isDirectory: true).absoluteString
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
