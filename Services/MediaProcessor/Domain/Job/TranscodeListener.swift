/// Hears of segments.
package protocol SegmentListener: Sendable {
    /// A segment was handed to the sink; those of one track come in order.
    func made(_ segment: SegmentResult, number: Int, of track: TrackID, _ head: TrackHead)
}

/// Hears what a transcode has made; called from the pipeline's threads, which it must not hold up.
///
/// Parts are made several at once and end in any order; segments are told in the presentation's, whoever made them.
package protocol TranscodeListener: SegmentListener {
    /// The parts that there will be at most, once they are known, and those of them that were made before: up to the first
    /// that was not, and behind it.
    func planned(_ parts: [PartPlan], done: [PartResult], ahead: [PartResult])

    /// The seconds of the source done so far; from one thread at a time.
    func progressed(to seconds: Double)

    /// A part was made: all its objects were handed to the sink.
    ///
    /// - Parameter tilesFrom: The first part whose pictures for the storyboard are not on a stored sheet.
    /// - Returns: Whether to go on with the next.
    func made(_ part: PartResult, tilesFrom: Int) -> Bool

    /// A part and all before it are made, and their segments told.
    func joined(_ part: PartPlan)
}

/// A track by its place in the plan.
package enum TrackID: Sendable, Hashable {
    case video(Int)
    case audio(Int)
}

extension OpenedSource {
    /// Makes everything from the start and tells `progress` the seconds of the source done so far.
    package func transcode(
        by plan: TranscodePlan,
        sink: any ArtifactSink,
        progress: @escaping @Sendable (Double) -> Void
    ) throws(MediaError) -> TranscodeResult {
        let listener = ProgressListener(progress: progress)
        guard let made = try transcode(by: plan, parts: PartWork(), sink: sink, listener: listener) else {
            throw MediaError(.encodeFailed, "the transcode stopped before its end")
        }
        return made
    }
}

private struct ProgressListener: TranscodeListener {
    let progress: @Sendable (Double) -> Void

    func planned(_ parts: [PartPlan], done: [PartResult], ahead: [PartResult]) {}
    func progressed(to seconds: Double) { progress(seconds) }
    func made(_ segment: SegmentResult, number: Int, of track: TrackID, _ head: TrackHead) {}
    func made(_ part: PartResult, tilesFrom: Int) -> Bool { true }
    func joined(_ part: PartPlan) {}
}
