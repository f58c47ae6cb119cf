/// Writes one track of subtitles as WebVTT: cut where another track is, and as a whole.
package struct SubtitleWriter {
    private static let head = "WEBVTT\n"
    /// RFC 8216 3.5: our tracks' times start at 0.
    private static let timestampMap = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"

    let rendition: SubtitleRendition
    let sink: any ArtifactSink

    package init(_ rendition: SubtitleRendition, sink: any ArtifactSink) {
        self.rendition = rendition
        self.sink = sink
    }

    /// - Parameters:
    ///   - cues: In order of their start.
    ///   - track: Tells where segments start and end; a cue goes into every segment in which it is seen.
    package func write(_ cues: [SubtitleCue], along track: TrackResult) throws(MediaError) -> SubtitleResult {
        var result = SubtitleResult(timescale: track.timescale, segments: [], cues: cues.count, size: 0)
        guard !cues.isEmpty else { return result }
        let folder = OutputLayout.subtitleFolder(rendition.name)
        var window = CueWindow(cues)
        for (index, segment) in track.segments.enumerated() {
            let shown = window.cues(from: track.milliseconds(segment.start), to: track.milliseconds(segment.end))
            let bytes = Self.file([Self.head + Self.timestampMap] + shown.map(\.block))
            result.segments.append(SegmentResult(start: segment.start, duration: segment.duration, size: bytes.count))
            try sink.store(bytes, as: "\(folder)/\(OutputLayout.subtitleSegment(index + 1))")
        }
        let whole = Self.file([Self.head] + cues.map(\.block))
        result.size = whole.count
        try sink.store(whole, as: "\(folder)/\(OutputLayout.allSubtitles)")
        return result
    }

    private static func file(_ blocks: [String]) -> [UInt8] { Array(blocks.joined(separator: "\n").utf8) }
}

/// Finds the cues of one stretch after the other without looking at all each time.
private struct CueWindow {
    private let cues: [SubtitleCue]
    private var next = 0
    private var shown: [SubtitleCue] = []

    init(_ cues: [SubtitleCue]) { self.cues = cues }

    mutating func cues(from start: Int, to end: Int) -> [SubtitleCue] {
        shown.removeAll { $0.end <= start }
        while next < cues.count, cues[next].start < end {
            if cues[next].end > start { shown.append(cues[next]) }
            next += 1
        }
        return shown
    }
}

extension TrackResult {
    fileprivate func milliseconds(_ ticks: Int64) -> Int { Int((Double(ticks) * 1000 / Double(timescale)).rounded()) }
}
