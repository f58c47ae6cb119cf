import Glibc

/// Reading, and changing the entries of a folder; every call blocks on the disk.
extension OpenFile {
    /// All of a regular file from its start.
    func readAll(_ path: String) throws(FileTreeError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var filled = 0
        while filled < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, off_t(filled))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileTreeError("read", path, errno: errno) }
            // Shorter than it was: somebody cut it. What is there is all there is.
            if count == 0 { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }

    /// Makes a new file in this folder that durably holds `bytes`.
    func createEntry(_ name: String, holding bytes: [UInt8]) throws(FileTreeError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = unsafe openat(self.descriptor, name, flags, 0o644)
        guard descriptor >= 0 else { throw FileTreeError("create", name, errno: errno) }
        let file = OpenFile(owning: descriptor)
        try file.writeAll(bytes, name)
        try file.synchronise(name)
    }

    /// Moves an entry into another folder in one step, replacing what is there.
    func moveEntry(_ name: String, to folder: OpenFile, as newName: String, _ path: String) throws(FileTreeError) {
        guard unsafe renameat(descriptor, name, folder.descriptor, newName) == 0 else {
            throw FileTreeError("replace", path, errno: errno)
        }
    }

    func removeEntry(_ name: String, _ path: String) throws(FileTreeError) {
        guard unsafe unlinkat(descriptor, name, 0) == 0 else { throw FileTreeError("remove", path, errno: errno) }
    }

    private func writeAll(_ bytes: [UInt8], _ path: String) throws(FileTreeError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileTreeError("write", path, errno: errno) }
            written += count
        }
    }
}
