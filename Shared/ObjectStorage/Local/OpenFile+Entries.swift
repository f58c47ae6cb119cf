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

    /// Removes a folder in this one, if it is there and empty; tells whether it did.
    func removeEmptyFolder(_ name: String) -> Bool {
        unsafe unlinkat(descriptor, name, AT_REMOVEDIR) == 0
    }

    /// What lies in this folder, in no order; links and what is neither file nor folder are left out.
    func entries(_ path: String) throws(FileTreeError) -> [FolderEntry] {
        // A descriptor of its own: reading moves the position, and closing the stream closes it.
        let copy = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw FileTreeError("list", path, errno: errno) }
        guard let stream = unsafe fdopendir(copy) else {
            let number = errno
            close(copy)
            throw FileTreeError("list", path, errno: number)
        }
        defer { unsafe closedir(stream) }
        var found: [FolderEntry] = []
        errno = 0
        while let entry = unsafe readdir(stream) {
            let name = unsafe String(cString: entry.nameOfEntry)
            if name != ".", name != "..", let entry = self.entry(name) { found.append(entry) }
            errno = 0
        }
        guard errno == 0 else { throw FileTreeError("list", path, errno: errno) }
        return found
    }

    /// `nil` for links and the like, and for what has gone meanwhile.
    private func entry(_ name: String) -> FolderEntry? {
        var status = stat()
        guard unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        guard status.isFolder || status.isRegularFile else { return nil }
        return FolderEntry(name: name, isFolder: status.isFolder)
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

/// A file or folder in a folder.
struct FolderEntry: Sendable, Hashable {
    let name: String
    let isFolder: Bool
}

extension UnsafeMutablePointer<dirent> {
    /// The name, where the kernel put it: the array that Swift would copy is longer than an entry needs to be.
    fileprivate var nameOfEntry: UnsafePointer<CChar> {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        return unsafe UnsafeRawPointer(self).advanced(by: offset).assumingMemoryBound(to: CChar.self)
    }
}
