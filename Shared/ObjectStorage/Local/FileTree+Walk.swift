/// Walking through all that lies below a folder; every call blocks on the disk.
extension FileTree {
    /// The files below a folder, each as its components from the root; at most `limit`.
    ///
    /// They ascend by the bytes of the joined path. A folder that is not there holds none.
    func files(under folder: [String], limit: Int) throws(FileTreeError) -> [[String]] {
        let opened: OpenFile
        do throws(FileTreeError) {
            opened = try openFolder(folder)
        } catch  where error.code == .notFound {
            return []
        }
        var found: [[String]] = []
        for entry in try opened.entries(folder.joined(separator: "/")).sorted(by: FolderEntry.comesBefore) {
            guard found.count < limit else { break }
            let path = folder + [entry.name]
            found += entry.isFolder ? try files(under: path, limit: limit - found.count) : [path]
        }
        return found
    }

    /// Removes a folder and those above it, as long as they are empty; never the root.
    func removeEmptyFolders(_ folder: some Collection<String>) {
        var rest = Array(folder)
        while let name = rest.popLast() {
            guard let parent = try? openFolder(rest), parent.removeEmptyFolder(name) else { return }
        }
    }
}

extension FolderEntry {
    /// The order in which the paths of what lies within come, by their bytes: `a-b` before `a/b` before `a0`.
    fileprivate static func comesBefore(_ first: FolderEntry, _ second: FolderEntry) -> Bool {
        first.sortingName.utf8.lexicographicallyPrecedes(second.sortingName.utf8)
    }

    private var sortingName: String { isFolder ? name + "/" : name }
}
