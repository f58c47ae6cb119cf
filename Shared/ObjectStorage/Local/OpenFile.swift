package import Glibc

/// An open file or folder, closed when nobody holds it any more.
package final class OpenFile: Sendable {
    /// Valid for as long as this object lives.
    package let descriptor: Int32

    /// Takes over `descriptor`.
    package init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// What the kernel knows of it now; `nil` only for a descriptor that is none.
    package var status: stat? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? status : nil
    }

    /// Bytes of a regular file.
    package var size: Int64 { status.map { Int64($0.st_size) } ?? 0 }
}

/// What tells one version of a file from another, without the types of C, which not every module sees alike.
package struct FileVersion: Sendable, Hashable {
    /// Bytes.
    package let size: Int64
    /// Seconds since 1970.
    package let modifiedAt: Int64
    /// Of the second.
    package let modifiedNanoseconds: Int64
    package let inode: UInt64
}

extension OpenFile {
    /// The version of a regular file; `nil` for anything else.
    package var version: FileVersion? {
        guard let status, status.isRegularFile else { return nil }
        return FileVersion(
            size: Int64(status.st_size),
            modifiedAt: Int64(status.st_mtim.tv_sec),
            modifiedNanoseconds: Int64(status.st_mtim.tv_nsec),
            inode: UInt64(status.st_ino)
        )
    }
}

extension stat {
    package var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
    package var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
    package var isSymbolicLink: Bool { st_mode & S_IFMT == S_IFLNK }
}
