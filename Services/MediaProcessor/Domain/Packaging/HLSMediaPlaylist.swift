/// Writes the playlists of one rendition (RFC 8216), which lie beside its segments.
package struct HLSMediaPlaylist: Sendable {
    package let track: TrackResult
    /// Seconds.
    package let targetDuration: Int
    /// Whether no more segments will come.
    package let isComplete: Bool

    package init(track: TrackResult, targetDuration: Int, isComplete: Bool = true) {
        self.track = track
        self.targetDuration = targetDuration
        self.isComplete = isComplete
    }

    /// `media.m3u8`: every segment.
    package var text: String {
        let clock = TickClock(timescale: track.timescale)
        var lines = head(["#EXT-X-INDEPENDENT-SEGMENTS"])
        for (index, segment) in track.segments.enumerated() {
            lines.append("#EXTINF:\(clock.seconds(from: segment.start, to: segment.end)),")
            lines.append(OutputLayout.segment(index + 1))
        }
        return finished(lines)
    }

    /// `iframes.m3u8`: every IDR picture as a byte range of its segment, lasting until the next.
    package var iframeText: String {
        let clock = TickClock(timescale: track.timescale)
        var lines = head(["#EXT-X-I-FRAMES-ONLY"])
        for frame in track.iframes {
            lines.append("#EXTINF:\(clock.seconds(from: frame.start, to: frame.end)),")
            lines.append("#EXT-X-BYTERANGE:\(frame.length)@\(frame.offset)")
            lines.append(OutputLayout.segment(frame.segment))
        }
        return finished(lines)
    }

    private func head(_ tags: [String]) -> [String] {
        [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            "#EXT-X-TARGETDURATION:\(targetDuration)",
            "#EXT-X-MEDIA-SEQUENCE:1",
            "#EXT-X-PLAYLIST-TYPE:\(isComplete ? "VOD" : "EVENT")",
        ] + tags + ["#EXT-X-MAP:URI=\"\(OutputLayout.initSegment)\""]
    }

    private func finished(_ lines: [String]) -> String {
        (lines + (isComplete ? ["#EXT-X-ENDLIST"] : []) + [""]).joined(separator: "\n")
    }
}
