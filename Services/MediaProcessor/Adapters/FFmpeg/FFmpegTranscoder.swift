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

    package func probe(_ bytes: any ByteSource) throws(MediaError) -> SourceDescription {
        try SourceProbe(input: InputContext(bytes)).describe()
    }

    package func analyze(_ bytes: any ByteSource, source: SourceDescription) throws(MediaError) -> ContentComplexity? {
        guard let video = source.video else { return nil }
        let input = try InputContext(bytes)
        let complexity = try ContentAnalyzer(input, video).analyze()
        try input.checkSource()
        return complexity
    }

    package func transcode(
        _ bytes: any ByteSource,
        source: SourceDescription,
        plan: TranscodePlan,
        parts: PartWork,
        sink: any ArtifactSink,
        listener: any TranscodeListener
    ) throws(MediaError) -> TranscodeResult? {
        // A file of this machine can be read by many at once.
        let bytes = bytes is FileSource ? bytes : SharedSource(bytes)
        func run(_ plan: TranscodePlan) throws(MediaError) -> TranscodeResult? {
            let job = TranscodeJob(source: source, plan: plan, sink: sink, listener: listener) {
                () throws(MediaError) in try InputContext(bytes)
            }
            return try PartedTranscode(job, parts).run()
        }
        // What was begun encoded goes on so: copies would take the places of what is done.
        let encoded = PartFingerprint.of(source, plan.encodingAll)
        if parts.finished.contains(where: { $0.fingerprint == encoded }) { return try run(plan.encodingAll) }
        do throws(MediaError) {
            return try run(plan)
        } catch {
            // An index that promised more than the pictures keep: what came of it is made over again.
            guard error == TranscodeJob.cannotCopy else { throw error }
            return try run(plan.encodingAll)
        }
    }
}
