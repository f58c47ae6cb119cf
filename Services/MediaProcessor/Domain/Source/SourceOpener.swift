package import ObjectStorage

/// Opens uploaded files, and only those that may be read.
package protocol SourceOpener: Sendable {
    /// Opens what an upload's `file_path` names; what was checked is what is read, whatever happens to the path later.
    ///
    /// - Throws: ``MediaError`` `not_allowed`, `not_found`, `empty`, `unsupported_source`.
    func open(_ uri: String) async throws(MediaError) -> OpenFile
}
