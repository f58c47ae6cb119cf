import EventSchema
package import Foundation
package import ObjectStorage

/// The playlists and the description by which viewers come to the version that is published.
///
/// They are three objects, so that a new version takes the place of an old one in three steps. What was there is kept with
/// the new version until all are taken: who fails in between goes back.
package struct PublishedFront: Sendable {
    private static let folder = "previous"

    private let store: any ObjectStore

    package init(store: any ObjectStore) {
        self.store = store
    }

    /// Keeps what is published now with the version under `prefix`.
    package func keep(_ mediaID: UUID, with prefix: String) async throws(ObjectStoreError) {
        for name in OutputLayout.front {
            guard let (front, kept) = keys(name, mediaID, prefix), let bytes = try await store.get(front) else {
                continue
            }
            try await store.put(bytes, at: kept, .forKey(kept))
        }
    }

    /// Puts back what was kept; nothing happens if nothing was.
    package func restore(_ mediaID: UUID, from prefix: String) async throws(ObjectStoreError) {
        for name in OutputLayout.front {
            guard let (front, kept) = keys(name, mediaID, prefix), let bytes = try await store.get(kept) else {
                continue
            }
            try await store.put(bytes, at: front, .forKey(front))
        }
    }

    /// What was kept is of no more use.
    package func forget(_ mediaID: UUID, with prefix: String) async throws(ObjectStoreError) {
        for name in OutputLayout.front {
            if let (_, kept) = keys(name, mediaID, prefix) { try await store.delete(kept) }
        }
    }

    private func keys(_ name: String, _ mediaID: UUID, _ prefix: String) -> (front: ObjectKey, kept: ObjectKey)? {
        guard let front = ObjectKey("\(mediaID.lowercased)/\(name)"),
            let kept = ObjectKey("\(mediaID.lowercased)/\(prefix)\(Self.folder)/\(name)")
        else { return nil }
        return (front, kept)
    }
}
