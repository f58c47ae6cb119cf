import EventSchema
package import Foundation
package import ObjectStorage

/// Knows which media are made already.
package struct AssetCatalog: Sendable {
    private let store: any ObjectStore

    package init(store: any ObjectStore) {
        self.store = store
    }

    /// What was made of a media last; `nil` if nothing is, or nothing readable.
    package func asset(of mediaID: UUID) async throws(ObjectStoreError) -> AssetDescription? {
        guard let key = ObjectKey("\(mediaID.lowercased)/\(OutputLayout.assetDescription)") else { return nil }
        return try await store.get(key).flatMap(AssetDescription.init(parsing:))
    }
}
