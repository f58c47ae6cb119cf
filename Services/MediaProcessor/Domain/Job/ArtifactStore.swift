/// An ``ArtifactSink`` that can tell when all it took is stored.
package protocol ArtifactStore: ArtifactSink {
    /// Blocks until everything taken so far is durable.
    ///
    /// - Throws: ``MediaError`` `storage_failed` if anything could not be stored.
    func settle() throws(MediaError)
}
