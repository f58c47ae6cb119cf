/// What is told to clients about an object.
package struct ObjectAttributes: Sendable, Hashable {
    /// The media type: `video/mp4`.
    package var contentType: String
    /// The value of `Cache-Control`: segments are immutable, playlists are not.
    package var cacheControl: String

    package init(contentType: String, cacheControl: String) {
        self.contentType = contentType
        self.cacheControl = cacheControl
    }
}

/// Holds objects under keys such as `7f0c.../video/720p/seg_00001.m4s`.
///
/// A `put` is atomic and durable: a reader sees the whole old object or the whole new one, and when `put` has returned,
/// the object survives a crash. Putting the same key again replaces it.
package protocol ObjectStore: Sendable {
    func put(_ bytes: [UInt8], at key: ObjectKey, _ attributes: ObjectAttributes) async throws(ObjectStoreError)

    /// The whole object; `nil` if there is none.
    func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]?

    /// Removes the object, if there is one.
    func delete(_ key: ObjectKey) async throws(ObjectStoreError)

    /// The keys of objects below `folder`, ascending by their bytes; at most `limit` of them.
    ///
    /// Whoever deletes them and asks again until there are none has emptied the folder.
    func keys(under folder: ObjectKey, limit: Int) async throws(ObjectStoreError) -> [ObjectKey]
}
