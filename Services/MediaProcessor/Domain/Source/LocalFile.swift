import Glibc
package import ObjectStorage

/// Files that a person names on a command line; those of uploads are opened by a ``SourceOpener``.
package enum LocalFile {
    /// Opens a regular file that has bytes.
    ///
    /// - Throws: ``MediaError`` `not_found`, `not_allowed`, `not_media`, `empty`.
    package static func open(_ path: String) throws(MediaError) -> FileSource {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw openError(errno) }
        let file = OpenFile(owning: descriptor)
        guard file.version != nil else { throw MediaError(.notMedia, "the file is not a regular file") }
        guard file.size > 0 else { throw MediaError(.empty, "the file has no bytes") }
        return FileSource(file)
    }

    private static func openError(_ code: Int32) -> MediaError {
        switch code {
        case ENOENT, ENOTDIR: MediaError(.notFound, "the file does not exist")
        case EACCES, EPERM, ELOOP: MediaError(.notAllowed, "the file may not be read (error \(code))")
        default: MediaError(.decodeFailed, "the file cannot be opened (error \(code))", retryable: true)
        }
    }
}

extension Transcoder {
    /// Looks into a file of this machine.
    package func open(_ path: String) throws(MediaError) -> any OpenedSource { try open(LocalFile.open(path)) }
}
