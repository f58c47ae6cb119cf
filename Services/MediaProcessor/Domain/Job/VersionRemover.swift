import EventSchema
import Foundation
package import ObjectStorage

/// Removes the objects of one version of a media, and nothing else.
///
/// May be repeated, and stopped anywhere.
package struct VersionRemover: Sendable {
    /// Deletes on their way at once.
    private static let width = 16
    /// Keys of one listing, at first and at most.
    private static let pages = 1000...1_048_576

    private let store: any ObjectStore

    package init(store: any ObjectStore) {
        self.store = store
    }

    /// Removes what lies under `prefix` in the media's folder.
    ///
    /// With an empty prefix this is everything but the folders of later versions and, unless `withFront`, the playlists
    /// and the description by which viewers come in, which belong to whatever is published.
    ///
    /// - Throws: ``ObjectStoreError`` if some of it may still be there.
    package func remove(
        _ removal: VersionRemoval,
        withFront: Bool
    ) async throws(ObjectStoreError) {
        let folder = removal.mediaID.lowercased
        // Viewers first: no playlist is to name what is gone.
        if withFront { for name in OutputLayout.front { try await delete("\(folder)/\(name)") } }
        guard VersionPrefix.isValid(removal.prefix) else { return }
        if removal.prefix.isEmpty {
            try await removeAll(under: folder) { VersionPrefix.isOfFirst($0) }
        } else {
            try await removeAll(under: "\(folder)/\(removal.prefix.dropLast())") { _ in true }
        }
    }

    /// - Parameter belongs: Told the key below the folder.
    private func removeAll(under folder: String, _ belongs: (Substring) -> Bool) async throws(ObjectStoreError) {
        guard let key = ObjectKey(folder) else { return }
        var page = Self.pages.lowerBound
        while page <= Self.pages.upperBound {
            let keys = try await store.keys(under: key, limit: page)
            let ours = keys.filter { belongs($0.description.dropFirst(folder.utf8.count + 1)) }
            try await delete(ours)
            if keys.count < page { return }
            // Others' keys fill the page: ours are behind them.
            if ours.isEmpty { page *= 4 }
        }
        throw ObjectStoreError(.unavailable, "'\(folder)' holds more objects than can be looked through")
    }

    private func delete(_ keys: [ObjectKey]) async throws(ObjectStoreError) {
        let store = store
        let failure = await withTaskGroup(of: ObjectStoreError?.self) { group in
            var failures: [ObjectStoreError] = []
            for (index, key) in keys.enumerated() {
                if index >= Self.width, let failure = await group.next() ?? nil { failures.append(failure) }
                // A store that fails all at once is not asked for the others as well.
                if failures.count >= Self.width { break }
                group.addTask {
                    do throws(ObjectStoreError) {
                        try await store.delete(key)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            for await case let failure? in group { failures.append(failure) }
            return failures.first
        }
        if let failure { throw failure }
    }

    private func delete(_ name: String) async throws(ObjectStoreError) {
        if let key = ObjectKey(name) { try await store.delete(key) }
    }
}
