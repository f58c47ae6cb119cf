/// A finished transcode as its playlists describe it: the plan's names joined with the result's measurements.
package struct Presentation: Sendable, Hashable {
    /// One picture rendition.
    package struct Video: Sendable, Hashable {
        package var rung: Rung
        package var track: TrackResult
        /// What the playlists declare as long as not all is measured.
        package var estimate: BitrateMeasurement?
    }

    /// One sound rendition.
    package struct Audio: Sendable, Hashable {
        package var rendition: AudioRendition
        package var track: TrackResult
        /// What the playlists declare as long as not all is measured.
        package var estimate: BitrateMeasurement?
    }

    /// One track of subtitles.
    package struct Subtitles: Sendable, Hashable {
        package var rendition: SubtitleRendition
        package var track: SubtitleResult
    }

    /// Best first.
    package let video: [Video]
    /// The default one first.
    package let audio: [Audio]
    package let subtitles: [Subtitles]
    package let storyboard: StoryboardPlan?
    package let storyboardTiles: Int
    /// Seconds: the last segment's end.
    package let duration: Double
    /// Seconds, whole, for every playlist alike: no segment is longer after rounding (RFC 8216 4.3.3.1), and what is planned
    /// counts from the start, since it should not change (6.2.1); a picture that is held can still make a segment longer.
    package let targetDuration: Int
    /// Where the renditions lie, relative to the media's folder: empty, or a folder's name with a slash behind it.
    package let prefix: String

    /// - Throws: ``MediaError`` `decode_failed` if there is nothing to play.
    package init(plan: TranscodePlan, result: TranscodeResult, prefix: String = "") throws(MediaError) {
        let hasPictures = !result.video.isEmpty
        guard !hasPictures || result.video.count == plan.rungs.count, result.audio.count == plan.audio.count else {
            throw MediaError(.encodeFailed, "the transcode made other renditions than were planned")
        }
        // A source whose pictures all failed to decode is one of sound alone; its result says that it is incomplete.
        let broken = result.video.allSatisfy(\.segments.isEmpty)
        video = broken ? [] : zip(plan.rungs, result.video).map { Video(rung: $0, track: $1) }
        audio = zip(plan.audio, result.audio).map { Audio(rendition: $0, track: $1) }.filter {
            !$0.track.segments.isEmpty
        }
        subtitles = zip(plan.subtitles, result.subtitles).map(Subtitles.init).filter { !$0.track.segments.isEmpty }
        let tracks = video.map(\.track) + audio.map(\.track)
        guard !tracks.isEmpty, tracks.allSatisfy({ !$0.segments.isEmpty }) else {
            throw MediaError(.decodeFailed, "nothing in the file could be decoded")
        }
        storyboard = result.storyboardTiles > 0 ? plan.storyboard : nil
        storyboardTiles = result.storyboardTiles
        duration = tracks.map(\.end).max() ?? 0
        targetDuration = tracks.targetDuration(planned: plan.segmentDuration)
        self.prefix = prefix
    }

    /// A presentation that others may already watch while it grows.
    init(growing video: [Video], audio: [Audio], plan: TranscodePlan, prefix: String) {
        self.video = video
        self.audio = audio
        subtitles = []
        storyboard = nil
        storyboardTiles = 0
        let tracks = video.map(\.track) + audio.map(\.track)
        duration = tracks.map(\.end).max() ?? 0
        targetDuration = tracks.targetDuration(planned: plan.segmentDuration)
        self.prefix = prefix
    }
}

extension TrackResult {
    /// Seconds: the last segment's end.
    package var end: Double {
        segments.last.map { Double($0.end) / Double(timescale) } ?? 0
    }

    /// Bytes of all media segments.
    package var size: Int { segments.reduce(0) { $0 + $1.size } }

    fileprivate var longestRoundedSegment: Int {
        segments.map { Int((Double($0.duration) / Double(timescale)).rounded()) }.max() ?? 0
    }
}

extension [TrackResult] {
    fileprivate func targetDuration(planned segmentDuration: Double) -> Int {
        reduce(Int(segmentDuration.rounded())) { Swift.max($0, $1.longestRoundedSegment) }
    }
}

extension SegmentResult {
    /// Ticks.
    package var end: Int64 { start + duration }
}
