import Glibc

/// A folder and what lies below it, reached component by component and never through a symbolic link.
///
/// The root itself may be reached through links: whoever configured it chose it. Every call blocks on the disk.
package struct FileTree: Sendable, Hashable {
    /// Absolute, without a slash at its end.
    package let root: String

    package init(root: String) {
        self.root = root
    }

    /// Opens a regular file for reading, and finds it to be one before and after opening it, so no fifo blocks and no
    /// device is touched.
    package func openFile(_ components: [String]) throws(FileTreeError) -> OpenFile {
        guard let name = components.last else { throw FileTreeError(.notRegular, "'\(root)' is a folder") }
        let folder = try openFolder(components.dropLast())
        let path = shown(components)
        try checkRegular(try status(of: name, in: folder, path), path)
        let descriptor = unsafe openat(folder.descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileTreeError("open", path, errno: errno) }
        let file = OpenFile(owning: descriptor)
        guard let status = file.status else { throw FileTreeError("examine", path, errno: errno) }
        try checkRegular(status, path)
        return file
    }

    /// Opens a folder below the root, or the root itself.
    ///
    /// With `creating`, folders that are missing are made and are durable when this returns.
    package func openFolder(
        _ components: some Collection<String>,
        creating: Bool = false
    ) throws(FileTreeError) -> OpenFile {
        var folder = try openRoot()
        var walked: [String] = []
        for name in components {
            walked.append(name)
            folder = try step(into: name, from: folder, creating: creating, path: shown(walked))
        }
        return folder
    }

    // MARK: Steps

    private func openRoot() throws(FileTreeError) -> OpenFile {
        let descriptor = unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileTreeError("open", root, errno: errno) }
        return OpenFile(owning: descriptor)
    }

    private func step(
        into name: String,
        from parent: OpenFile,
        creating: Bool,
        path: String
    ) throws(FileTreeError) -> OpenFile {
        if creating, unsafe mkdirat(parent.descriptor, name, 0o755) == 0 {
            try parent.synchronise(path)
        }
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let descriptor = unsafe openat(parent.descriptor, name, flags)
        if descriptor >= 0 { return OpenFile(owning: descriptor) }
        let number = errno
        // A link answers ENOTDIR here; whether it is one decides what the caller is told.
        if number == ENOTDIR, try status(of: name, in: parent, path).isSymbolicLink {
            throw FileTreeError(.symbolicLink, "'\(path)' is a symbolic link")
        }
        throw FileTreeError("open", path, errno: number)
    }

    private func status(of name: String, in folder: OpenFile, _ path: String) throws(FileTreeError) -> stat {
        var status = stat()
        guard unsafe fstatat(folder.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw FileTreeError("find", path, errno: errno)
        }
        return status
    }

    private func checkRegular(_ status: stat, _ path: String) throws(FileTreeError) {
        if status.isSymbolicLink { throw FileTreeError(.symbolicLink, "'\(path)' is a symbolic link") }
        guard status.isRegularFile else { throw FileTreeError(.notRegular, "'\(path)' is no regular file") }
    }

    private func shown(_ components: [String]) -> String { components.joined(separator: "/") }
}

extension OpenFile {
    /// Makes what was written durable; for a folder, its entries.
    func synchronise(_ path: String) throws(FileTreeError) {
        guard fsync(descriptor) == 0 else { throw FileTreeError("synchronise", path, errno: errno) }
    }
}
