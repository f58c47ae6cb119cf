/// An ``ArtifactSink`` that can tell when all it took is stored.
package protocol ArtifactStore: ArtifactSink {
    /// Takes an object away again that is durable.
    ///
    /// - Throws: ``MediaError`` `storage_failed` as ``ArtifactSink/store(_:as:)`` does.
    func remove(_ name: String) throws(MediaError)

    /// Blocks until everything taken so far is durable.
    ///
    /// - Throws: ``MediaError`` `storage_failed` if anything could not be stored.
    func settle() throws(MediaError)
}
