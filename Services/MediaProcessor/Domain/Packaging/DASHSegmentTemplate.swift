/// The names and times of a representation's segments in a DASH manifest.
///
/// A representation's id is its folder, so that one template serves all.
struct DASHSegmentTemplate {
    private static let folder = "$RepresentationID$"

    /// One element for all tracks, if their segments begin and end alike; `nil` otherwise.
    func shared(by tracks: [TrackResult]) -> XMLElement? {
        guard let first = tracks.first else { return nil }
        let timeline = Timeline(first)
        guard tracks.allSatisfy({ Timeline($0) == timeline }) else { return nil }
        return element(for: first)
    }

    func element(for track: TrackResult) -> XMLElement {
        XMLElement(
            "SegmentTemplate",
            [
                ("timescale", String(track.timescale)),
                ("initialization", "\(Self.folder)/\(OutputLayout.initSegment)"),
                ("media", "\(Self.folder)/seg_$Number%05d$.m4s"),
                ("startNumber", "1"),
            ],
            [XMLElement("SegmentTimeline", [], Timeline(track).runs.map(\.element))]
        )
    }

    /// Segments of equal length in a row.
    private struct Run: Hashable {
        /// Ticks; told only where it does not follow from the run before.
        var start: Int64?
        var duration: Int64
        var repetitions = 0

        var element: XMLElement {
            XMLElement(
                "S",
                [
                    ("t", start.map(String.init)),
                    ("d", String(duration)),
                    ("r", repetitions > 0 ? String(repetitions) : nil),
                ]
            )
        }
    }

    private struct Timeline: Hashable {
        var timescale: Int
        var runs: [Run] = []

        init(_ track: TrackResult) {
            timescale = track.timescale
            var end: Int64?
            for segment in track.segments {
                let follows = segment.start == end
                if follows, runs.last?.duration == segment.duration {
                    runs[runs.count - 1].repetitions += 1
                } else {
                    runs.append(Run(start: follows ? nil : segment.start, duration: segment.duration))
                }
                end = segment.end
            }
        }
    }
}
