package import ObjectStorage

/// Hears what a transcode has made; called from the pipeline's threads, which it must not hold up.
package protocol TranscodeListener: Sendable {
    /// The parts that there will be at most, once they are known, and those of them that were done before.
    func planned(_ parts: [PartPlan], done: [PartResult])

    /// The seconds of the source done so far; from one thread at a time.
    func progressed(to seconds: Double)

    /// A segment was handed to the sink; those of one track come in order.
    func made(_ segment: SegmentResult, number: Int, of track: TrackID, _ head: TrackHead)

    /// A part was made: all its objects were handed to the sink.
    ///
    /// - Returns: Whether to go on with the next.
    func made(_ part: PartResult) -> Bool
}

/// A track by its place in the plan.
package enum TrackID: Sendable, Hashable {
    case video(Int)
    case audio(Int)
}

extension Transcoder {
    /// Makes everything from the start and tells `progress` the seconds of the source done so far.
    package func transcode(
        _ bytes: any ByteSource,
        source: SourceDescription,
        plan: TranscodePlan,
        sink: any ArtifactSink,
        progress: @escaping @Sendable (Double) -> Void
    ) throws(MediaError) -> TranscodeResult {
        let listener = ProgressListener(progress: progress)
        let made = try transcode(bytes, source: source, plan: plan, finished: [], sink: sink, listener: listener)
        guard let made else { throw MediaError(.encodeFailed, "the transcode stopped before its end") }
        return made
    }
}

private struct ProgressListener: TranscodeListener {
    let progress: @Sendable (Double) -> Void

    func planned(_ parts: [PartPlan], done: [PartResult]) {}
    func progressed(to seconds: Double) { progress(seconds) }
    func made(_ segment: SegmentResult, number: Int, of track: TrackID, _ head: TrackHead) {}
    func made(_ part: PartResult) -> Bool { true }
}
