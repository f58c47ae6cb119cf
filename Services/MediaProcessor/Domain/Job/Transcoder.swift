package import ObjectStorage

/// Looks into files and makes renditions; the port behind which libav lives.
///
/// Calls block for as long as the work takes and run threads of their own: never call one on Swift's cooperative pool.
package protocol Transcoder {
    /// Finds out what `bytes` hold; opens nothing else.
    ///
    /// - Throws: ``MediaError`` with `not_media`, `empty`, `unsupported`, `too_large`, `source_unavailable`, ...
    func open(_ bytes: any ByteSource) throws(MediaError) -> any OpenedSource
}

/// A file that a ``Transcoder`` has looked into.
package protocol OpenedSource {
    var description: SourceDescription { get }

    /// Looks at short samples; costs far less than a hundredth of a long source's transcode.
    ///
    /// The same file gives the same answer; `nil` where its content cannot be told for so little.
    func analyze() throws(MediaError) -> ContentComplexity?

    /// Makes every rendition of `plan` and hands each object to `sink` as soon as it is whole.
    ///
    /// Keys are relative to the media's folder, as ``OutputLayout`` names them. Objects of one rendition arrive in order,
    /// those of different renditions interleaved and from different threads. Playlists are not made here.
    ///
    /// Pictures are made in parts, as many at once as there are slots, and none that is finished again; the sound is made in
    /// one go, always from its start. Returns `nil` if `listener` wanted no more parts.
    func transcode(
        by plan: TranscodePlan,
        parts: PartWork,
        sink: any ArtifactSink,
        listener: any TranscodeListener
    ) throws(MediaError) -> TranscodeResult?
}

/// Takes finished objects; called from the pipeline's threads, blocks while its bound is reached.
package protocol ArtifactSink: Sendable {
    /// Takes over `bytes`, to be stored under `name` in the media's folder.
    ///
    /// - Throws: ``MediaError`` `storage_failed` once any object could not be stored: the caller stops.
    func store(_ bytes: [UInt8], as name: String) throws(MediaError)
}
