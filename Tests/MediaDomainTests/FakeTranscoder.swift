import MediaDomain
import ObjectStorage

/// Makes two rungs of one segment each, and stops where it is told to.
struct FakeTranscoder: Transcoder, OpenedSource {
    var description = SourceDescription.fake(PictureSize(width: 640, height: 480), duration: 2)
    var failure: MediaError?
    /// Stored besides.
    var strays: [String] = []

    func open(_ bytes: any ByteSource) throws(MediaError) -> any OpenedSource { self }

    func analyze() throws(MediaError) -> ContentComplexity? { nil }

    func transcode(
        by plan: TranscodePlan,
        parts: PartWork,
        sink: any ArtifactSink,
        listener: any TranscodeListener
    ) throws(MediaError) -> TranscodeResult? {
        for rung in plan.rungs {
            try sink.store([1], as: "\(OutputLayout.videoFolder(rung.name))/\(OutputLayout.initSegment)")
            try sink.store([1, 2], as: "\(OutputLayout.videoFolder(rung.name))/\(OutputLayout.segment(1))")
        }
        for name in strays { try sink.store([4], as: name) }
        listener.progressed(to: 1)
        if let failure { throw failure }
        try sink.store([3], as: OutputLayout.poster)
        let keyframe = KeyframeResult(start: 0, offset: 0, length: 2)
        let segment = SegmentResult(start: 0, duration: 2000, size: 2, keyframes: [keyframe])
        return TranscodeResult(
            video: plan.rungs.map { _ in
                TrackResult(codecs: "avc1", timescale: 1000, frameRate: 25, initSize: 1, segments: [segment])
            },
            audio: plan.audio.map { _ in
                TrackResult(codecs: "mp4a", timescale: 1000, frameRate: nil, initSize: 0, segments: [])
            },
            thumbnailCount: 1,
            storyboardTiles: 2,
            duration: 2,
            incomplete: false
        )
    }
}
