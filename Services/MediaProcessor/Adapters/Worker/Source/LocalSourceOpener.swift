import Dispatch
import Foundation
package import MediaDomain
import ObjectStorage

/// Opens uploads that lie below one folder of this machine, `MEDIA_ROOT`.
///
/// The path is walked component by component without following a link, and what is opened is the file that was checked;
/// whoever may write into the folder cannot make us read anything outside of it.
package struct LocalSourceOpener: SourceOpener {
    private let tree: FileTree
    /// The root as configured, and as it is once its own links are followed: an upload may be announced under either.
    private let roots: [[String]]
    private let queue = DispatchQueue(label: "sources")

    /// - Parameter root: A path; a relative one counts from the working folder.
    package init(root: String) {
        let path = URL(fileURLWithPath: root).standardizedFileURL.path
        tree = FileTree(root: path)
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        roots = [path, resolved].map(Self.split)
    }

    package func open(_ uri: String) async throws(MediaError) -> MediaSource {
        let components = try components(of: try SourceURI(uri).path)
        let result: Result<OpenFile, FileTreeError> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(
                    returning: Result { () throws(FileTreeError) in try tree.openFile(components) }
                )
            }
        }
        let file: OpenFile
        do throws(FileTreeError) {
            file = try result.get()
        } catch {
            throw MediaError(error, uri)
        }
        guard file.size > 0 else { throw MediaError(.empty, "'\(uri)' has no bytes") }
        return .file(file)
    }

    /// What follows the root.
    private func components(of path: String) throws(MediaError) -> [String] {
        let components = Self.split(path)
        guard !components.contains("..") else {
            throw MediaError(.notAllowed, "'\(path)' contains '..'")
        }
        guard let root = roots.first(where: { components.starts(with: $0) }) else {
            throw MediaError(.notAllowed, "'\(path)' lies outside the folder from which uploads are read")
        }
        return Array(components.dropFirst(root.count))
    }

    private static func split(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init).filter { $0 != "." }
    }
}

extension MediaError {
    /// The answer for an upload that could not be opened, without what only the machine's owner should know.
    fileprivate init(_ error: FileTreeError, _ uri: String) {
        switch error.code {
        case .notFound: self.init(.notFound, "'\(uri)' does not exist")
        case .symbolicLink: self.init(.notAllowed, "'\(uri)' is reached through a symbolic link")
        case .notRegular: self.init(.notAllowed, "'\(uri)' is no regular file")
        case .accessDenied: self.init(.notAllowed, "'\(uri)' may not be read")
        default: self.init(.storageFailed, "'\(uri)' cannot be read: \(error.message)", retryable: true)
        }
    }
}
