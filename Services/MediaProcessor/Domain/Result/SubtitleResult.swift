/// Subtitles as they were stored: a file per segment, and one with everything.
package struct SubtitleResult: Sendable, Hashable, Codable {
    /// Ticks per second of the segments' times.
    package var timescale: Int
    /// As long as the pictures' segments, or the sound's where there are none.
    package var segments: [SegmentResult]
    package var cues: Int
    /// Bytes of the file with everything.
    package var size: Int

    package init(timescale: Int, segments: [SegmentResult], cues: Int, size: Int) {
        self.timescale = timescale
        self.segments = segments
        self.cues = cues
        self.size = size
    }
}
