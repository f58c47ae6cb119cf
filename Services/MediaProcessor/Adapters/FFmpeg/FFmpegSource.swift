import MediaDomain
import ObjectStorage

/// A source that libav has looked into.
struct FFmpegSource: OpenedSource {
    let bytes: any ByteSource
    let description: SourceDescription
    /// Spares those who open it again from finding out the same; `nil` where they have to.
    let known: KnownStreams?

    func analyze() throws(MediaError) -> ContentComplexity? {
        guard let video = description.video else { return nil }
        return try ContentAnalyzer(video) { () throws(MediaError) in try InputContext(bytes, known: known) }.analyze()
    }

    func transcode(
        by plan: TranscodePlan,
        parts: PartWork,
        sink: any ArtifactSink,
        listener: any TranscodeListener
    ) throws(MediaError) -> TranscodeResult? {
        func run(_ plan: TranscodePlan) throws(MediaError) -> TranscodeResult? {
            let job = TranscodeJob(source: description, plan: plan, sink: sink, listener: listener) {
                [bytes, known] () throws(MediaError) in try InputContext(bytes, known: known)
            }
            return try PartedTranscode(job, parts).run()
        }
        // What was begun encoded goes on so: copies would take the places of what is done.
        let encoded = PartFingerprint.of(description, plan.encodingAll)
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
