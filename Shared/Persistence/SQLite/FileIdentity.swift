import Glibc

/// Tells whether a path still leads to the file that it led to.
struct FileIdentity: Sendable {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// - Throws: ``DatabaseError`` if there is nothing.
    init(of path: String) throws(DatabaseError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw DatabaseError(.unavailable, "no such file") }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    var isStillThere: Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_dev == device && status.st_ino == inode
    }
}
