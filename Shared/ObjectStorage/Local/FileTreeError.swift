import Glibc

/// Why a file below a folder could not be had.
package struct FileTreeError: Error, Sendable, Hashable, CustomStringConvertible {
    @nonexhaustive package enum Code: Sendable {
        case notFound
        /// A symbolic link stands in the way; none is followed.
        case symbolicLink
        /// It is there, but is no regular file: a folder, a fifo, a device.
        case notRegular
        case accessDenied
        /// No room, or more than we may use.
        case full
        /// Anything else the kernel said.
        case failed
    }

    package let code: Code
    /// What, which, and the cause: `cannot open 'a/b': Permission denied`.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The failure of a system call, from `errno`.
    init(_ verb: String, _ path: String, errno number: Int32) {
        let code: Code =
            switch number {
            case ENOENT, ENOTDIR, ENAMETOOLONG: .notFound
            case ELOOP: .symbolicLink
            case EACCES, EPERM, EROFS: .accessDenied
            case ENOSPC, EDQUOT, EFBIG: .full
            default: .failed
            }
        self.init(code, "cannot \(verb) '\(path)': \(SystemCall.text(of: number))")
    }

    package var description: String { message }
}
