import CFFmpeg
package import Logging
package import MediaDomain
package import ObjectStorage

/// The transcoder on FFmpeg's libraries and its encoders: x264, x265 and SVT-AV1.
///
/// The same source and plan make the same bytes, on any number of cores. All work runs in the calling thread and in threads that have ended
/// when the call returns. Nothing is opened, and no temporary file is made.
package struct FFmpegTranscoder: Transcoder, Sendable {
    /// - Parameter logger: gets the libraries' own warnings, at `debug`; there is one such log for the whole process.
    package init(logger: Logger) {
        LibraryLog.install(logger)
        cffmpeg_spare_memory()
        cffmpeg_quiet_encoders()
    }

    package func open(_ bytes: any ByteSource) throws(MediaError) -> any OpenedSource {
        // A file of this machine can be read by many at once.
        let bytes = bytes is FileSource ? bytes : SharedSource(bytes)
        let input = try InputContext(bytes)
        return FFmpegSource(
            bytes: bytes,
            description: try SourceProbe(input: input).describe(),
            known: try input.known()
        )
    }
}
