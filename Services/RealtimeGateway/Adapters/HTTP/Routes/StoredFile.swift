import Glibc
import NIOCore
import ObjectStorage

/// A file of the local store, open for reading; the descriptor is closed when the last reference goes.
///
/// It blocks, so it is used on a thread pool for files only.
final class StoredFile: Sendable {
    let size: Int64
    /// Seconds since 1970.
    let modifiedAt: Int64
    /// A strong validator: a `put` replaces the file, so other content has another inode or another time.
    let entityTag: String
    private let file: OpenFile

    /// Opens the file of `key` below the folder `root`; `nil` if there is none.
    ///
    /// Walks the key segment by segment and follows no symbolic link below `root`, so nothing outside is reached. A
    /// segment that begins with a dot is never found: the store keeps unfinished files under such names.
    static func open(_ key: ObjectKey, below root: String) throws(FileError) -> StoredFile? {
        let segments = key.description.split(separator: "/")
        guard segments.allSatisfy({ !$0.hasPrefix(".") }) else { return nil }
        guard var descriptor = try opened(unsafe Glibc.open(root, folderFlags)) else { return nil }
        for (index, segment) in segments.enumerated() {
            let flags = index == segments.count - 1 ? fileFlags : folderFlags | O_NOFOLLOW
            let next = unsafe openat(descriptor, String(segment), flags)
            let result = next >= 0 ? 0 : errno
            close(descriptor)
            guard let inner = try opened(next, result) else { return nil }
            descriptor = inner
        }
        return StoredFile(adopting: descriptor)
    }

    /// Not blocking, so that a named pipe in the folder cannot hang us.
    private static let fileFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    private static let folderFlags = O_RDONLY | O_CLOEXEC | O_DIRECTORY

    private static func opened(_ descriptor: CInt, _ code: CInt = errno) throws(FileError) -> CInt? {
        if descriptor >= 0 { return descriptor }
        // What is not a way to a file of ours is no file of ours: a folder that is a link, a file in place of a folder.
        guard [ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG].contains(code) else { throw FileError("open", code) }
        return nil
    }

    /// Takes over `descriptor`; `nil` if it is a folder or something else that is no file.
    private init?(adopting descriptor: CInt) {
        file = OpenFile(owning: descriptor)
        guard let version = file.version else { return nil }
        size = version.size
        modifiedAt = version.modifiedAt
        let nanoseconds = version.modifiedAt * 1_000_000_000 + version.modifiedNanoseconds
        let parts = [size, nanoseconds, Int64(truncatingIfNeeded: version.inode)].map { String($0, radix: 16) }
        entityTag = "\"\(parts.joined(separator: "-"))\""
    }

    /// Reads up to `count` bytes at `offset`; an empty buffer means that the file ends there.
    func read(at offset: Int64, count: Int) throws(FileError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var result = -1
        repeat {
            result = unsafe buffer.withUnsafeMutableWritableBytes { bytes in
                unsafe pread(file.descriptor, bytes.baseAddress, min(count, bytes.count), off_t(offset))
            }
        } while result < 0 && errno == EINTR
        guard result >= 0 else { throw FileError("pread", errno) }
        buffer.moveWriterIndex(forwardBy: result)
        return buffer
    }

    /// A failure of the machine under the store, not of the request.
    struct FileError: Error, CustomStringConvertible {
        let description: String

        init(_ call: String, _ code: CInt) {
            description = "\(call): \(unsafe String(cString: strerror(code)))"
        }
    }
}
