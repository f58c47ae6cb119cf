/// What a transcode made, measured; the playlists and manifests are written from this alone.
package struct TranscodeResult: Sendable, Hashable, Codable {
    /// In the order of the plan's rungs.
    package var video: [TrackResult]
    /// In the order of the plan's sound renditions; one that could not be decoded has no segments.
    package var audio: [TrackResult]
    /// In the order of the plan's subtitles; those without any text have no segments.
    package var subtitles: [SubtitleResult]
    /// Thumbnails taken, the poster included; fewer than planned if the source was shorter than it claimed.
    package var thumbnailCount: Int
    /// Pictures in the storyboard, over all its sheets.
    package var storyboardTiles: Int
    /// Seconds: the longest track.
    package var duration: Double
    /// Whether the source ended or broke before its time, so that this is a part of it.
    package var incomplete: Bool

    package init(
        video: [TrackResult],
        audio: [TrackResult],
        subtitles: [SubtitleResult] = [],
        thumbnailCount: Int,
        storyboardTiles: Int,
        duration: Double,
        incomplete: Bool
    ) {
        self.video = video
        self.audio = audio
        self.subtitles = subtitles
        self.thumbnailCount = thumbnailCount
        self.storyboardTiles = storyboardTiles
        self.duration = duration
        self.incomplete = incomplete
    }
}

/// One CMAF track: an initialisation segment and media segments.
package struct TrackResult: Sendable, Hashable, Codable {
    /// RFC 6381: `avc1.640028`, `mp4a.40.2`.
    package var codecs: String
    /// Ticks per second of all times below.
    package var timescale: Int
    /// Frames per second on average; `nil` for sound.
    package var frameRate: Double?
    /// Bytes of `init.mp4`.
    package var initSize: Int
    package var segments: [SegmentResult]

    package init(codecs: String, timescale: Int, frameRate: Double?, initSize: Int, segments: [SegmentResult]) {
        self.codecs = codecs
        self.timescale = timescale
        self.frameRate = frameRate
        self.initSize = initSize
        self.segments = segments
    }
}

/// One media segment, `seg_00001.m4s` onwards.
package struct SegmentResult: Sendable, Hashable, Codable {
    /// Ticks: the presentation time of its first sample, counted from the start of the presentation.
    package var start: Int64
    /// Ticks.
    package var duration: Int64
    /// Bytes.
    package var size: Int
    /// IDR pictures for the I-frame playlist, in order; empty for sound.
    package var keyframes: [KeyframeResult]

    package init(start: Int64, duration: Int64, size: Int, keyframes: [KeyframeResult] = []) {
        self.start = start
        self.duration = duration
        self.size = size
        self.keyframes = keyframes
    }
}

/// Where an IDR picture lies in its segment.
package struct KeyframeResult: Sendable, Hashable, Codable {
    /// Ticks.
    package var start: Int64
    /// Bytes from the segment's start to the `moof` that describes the picture.
    package var offset: Int
    /// Bytes from there to the end of the picture's data.
    package var length: Int

    package init(start: Int64, offset: Int, length: Int) {
        self.start = start
        self.offset = offset
        self.length = length
    }
}
