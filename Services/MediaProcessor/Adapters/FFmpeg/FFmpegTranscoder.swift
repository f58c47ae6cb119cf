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
        cffmpeg_bound_heap()
        cffmpeg_quiet_encoders()
    }

    package func probe(_ bytes: any ByteSource) throws(MediaError) -> SourceDescription {
        try SourceProbe(input: InputContext(bytes)).describe()
    }

    package func analyze(_ bytes: any ByteSource, source: SourceDescription) throws(MediaError) -> ContentComplexity? {
        guard let video = source.video else { return nil }
        return try ContentAnalyzer(InputContext(bytes), video).analyze()
    }

    package func transcode(
        _ bytes: any ByteSource,
        source: SourceDescription,
        plan: TranscodePlan,
        sink: any ArtifactSink,
        progress: @escaping @Sendable (Double) -> Void
    ) throws(MediaError) -> TranscodeResult {
        let input = try InputContext(bytes)
        let pipeline = try TranscodePipeline(input, source: source, plan: plan, sink: sink, progress: progress)
        return try pipeline.run()
    }
}
