import Dispatch
import Foundation
import Glibc

/// Keeps each object in a file of its own below a folder; what `file://` in `OBJECT_STORE_URL` names.
///
/// Safe to use from many processes at once. A `put` writes a file of its own, synchronises it, renames it into place and
/// synchronises the folder. No symbolic link below the root is followed. I/O runs on queues of the store's own, one for
/// all objects of a folder, so puts of one key take effect in the order in which they began.
package struct LocalObjectStore: ObjectStore {
    /// Where unfinished files lie, below the root, so that a rename never crosses a file system.
    static let incomingFolder = ".incoming"

    private let tree: FileTree
    private let queues: [DispatchQueue]

    /// The folder that holds the objects.
    package var root: String { tree.root }

    /// Opens the store in `root`, making the folder if there is none, and clears away what writers that died a day ago or
    /// earlier left unfinished.
    package init(root: String) throws(ObjectStoreError) {
        do {
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        } catch {
            throw ObjectStoreError(.accessDenied, "cannot make the object store's folder '\(root)': \(error)")
        }
        tree = FileTree(root: root)
        queues = (0..<4).map { DispatchQueue(label: "object-store-\($0)") }
        sweepIncoming(olderThan: 86_400)
    }

    package func put(_ bytes: [UInt8], at key: ObjectKey, _ attributes: ObjectAttributes) async throws(ObjectStoreError)
    {
        try await perform(key) { () throws(FileTreeError) in
            try write(bytes, to: key)
        }
    }

    package func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]? {
        try await perform(key) { () throws(FileTreeError) -> [UInt8]? in
            do throws(FileTreeError) {
                return try tree.openFile(key.components).readAll(key.description)
            } catch  where error.code == .notFound {
                return nil
            }
        }
    }

    /// Folders that are empty then go with it.
    package func delete(_ key: ObjectKey) async throws(ObjectStoreError) {
        try await perform(key) { () throws(FileTreeError) in
            do throws(FileTreeError) {
                let folder = try tree.openFolder(key.components.dropLast())
                try folder.removeEntry(key.name, key.description)
                try folder.synchronise(key.description)
            } catch  where error.code == .notFound {
                return
            }
            tree.removeEmptyFolders(key.components.dropLast())
        }
    }

    package func keys(under folder: ObjectKey, limit: Int) async throws(ObjectStoreError) -> [ObjectKey] {
        try await perform(folder) { () throws(FileTreeError) in
            try tree.files(under: folder.components, limit: limit).compactMap { ObjectKey($0.joined(separator: "/")) }
        }
    }

    /// Removes the folder for unfinished files, if nothing is under way in it; for a folder that is handed to a person.
    package func tidy() {
        unsafe _ = rmdir("\(root)/\(Self.incomingFolder)")
    }
}

// MARK: - On the queues

extension LocalObjectStore {
    private func write(_ bytes: [UInt8], to key: ObjectKey) throws(FileTreeError) {
        // A folder may be removed as an empty one just as something is to be moved into it.
        for _ in 0..<8 {
            do throws(FileTreeError) {
                return try writeOnce(bytes, to: key)
            } catch  where error.code == .notFound {
                continue
            }
        }
        try writeOnce(bytes, to: key)
    }

    private func writeOnce(_ bytes: [UInt8], to key: ObjectKey) throws(FileTreeError) {
        let incoming = try tree.openFolder([Self.incomingFolder], creating: true)
        let target = try tree.openFolder(key.components.dropLast(), creating: true)
        let temporary = UUID().uuidString
        do throws(FileTreeError) {
            try incoming.createEntry(temporary, holding: bytes)
            try incoming.moveEntry(temporary, to: target, as: key.name, key.description)
        } catch {
            try? incoming.removeEntry(temporary, temporary)
            throw error
        }
        try target.synchronise(key.description)
    }

    private func perform<Result: Sendable>(
        _ key: ObjectKey,
        _ work: @escaping @Sendable () throws(FileTreeError) -> Result
    ) async throws(ObjectStoreError) -> Result {
        let folder = key.components.dropLast()
        let queue = queues[Int(UInt(bitPattern: folder.hashValue) % UInt(queues.count))]
        let result: Swift.Result<Result, ObjectStoreError> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Swift.Result(catching: work).mapError { ObjectStoreError($0) })
            }
        }
        return try result.get()
    }

    private func sweepIncoming(olderThan seconds: Int) {
        guard let incoming = try? tree.openFolder([Self.incomingFolder]) else { return }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(Self.incomingFolder)")) ?? []
        for name in names {
            var status = stat()
            guard unsafe fstatat(incoming.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            if time(nil) - status.st_mtim.tv_sec > seconds { try? incoming.removeEntry(name, name) }
        }
    }
}

extension ObjectStoreError {
    fileprivate init(_ error: FileTreeError) {
        switch error.code {
        case .accessDenied, .symbolicLink, .notRegular: self.init(.accessDenied, error.message)
        case .full: self.init(.full, error.message)
        default: self.init(.unavailable, error.message)
        }
    }
}

extension ObjectKey {
    package var components: [String] { description.split(separator: "/").map(String.init) }
    fileprivate var name: String { components.last ?? description }
}
