/// Opens uploaded files, and only those that may be read.
package protocol SourceOpener: Sendable {
    /// Opens what an upload's `file_path` names; what was checked is what is read, whatever happens to the path later.
    ///
    /// - Throws: ``MediaError`` `not_allowed`, `not_found`, `empty`, `too_large`, `unsupported_source`, `source_unavailable`.
    func open(_ uri: String) async throws(MediaError) -> MediaSource
}
