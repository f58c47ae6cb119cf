/// Writes `media.m3u8` of one track of subtitles, which lies beside its segments.
package struct HLSSubtitlePlaylist: Sendable {
    package let track: SubtitleResult
    /// Seconds.
    package let targetDuration: Int

    package init(track: SubtitleResult, targetDuration: Int) {
        self.track = track
        self.targetDuration = targetDuration
    }

    package var text: String {
        let clock = TickClock(timescale: track.timescale)
        let head = [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            "#EXT-X-TARGETDURATION:\(targetDuration)",
            "#EXT-X-MEDIA-SEQUENCE:1",
            "#EXT-X-PLAYLIST-TYPE:VOD",
        ]
        let segments = track.segments.enumerated().flatMap { index, segment in
            [
                "#EXTINF:\(clock.seconds(from: segment.start, to: segment.end)),",
                OutputLayout.subtitleSegment(index + 1),
            ]
        }
        return (head + segments + ["#EXT-X-ENDLIST", ""]).joined(separator: "\n")
    }
}
