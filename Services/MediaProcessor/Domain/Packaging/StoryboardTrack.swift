/// Writes `storyboard.vtt`: which part of which sheet shows which stretch of the video.
package struct StoryboardTrack: Sendable {
    package let plan: StoryboardPlan
    /// Pictures, over all sheets.
    package let tiles: Int
    /// Seconds.
    package let duration: Double

    package init(plan: StoryboardPlan, tiles: Int, duration: Double) {
        self.plan = plan
        self.tiles = tiles
        self.duration = duration
    }

    /// Cues from one picture to the next; the last lasts to the end.
    package var text: String {
        let cues = (0..<tiles).map { tile in
            let start = Double(tile) * plan.interval
            let end = tile == tiles - 1 ? max(duration, start) : start + plan.interval
            return "\(Self.time(start)) --> \(Self.time(end))\n\(place(of: tile))\n"
        }
        return (["WEBVTT\n"] + cues).joined(separator: "\n")
    }

    /// A spatial fragment (W3C Media Fragments 4.2.2) of a sheet.
    private func place(of tile: Int) -> String {
        let perSheet = plan.columns * plan.rows
        let (column, row) = (tile % perSheet % plan.columns, tile % perSheet / plan.columns)
        let sheet = OutputLayout.storyboardSheet(tile / perSheet + 1)
        return "\(sheet)#xywh=\(column * plan.tileWidth),\(row * plan.tileHeight),\(plan.tileWidth),\(plan.tileHeight)"
    }

    /// `00:01:02.500`.
    private static func time(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        let (whole, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let clock = [whole / 3600, whole / 60 % 60, whole % 60].map { $0.padded(to: 2) }.joined(separator: ":")
        return "\(clock).\(fraction.padded(to: 3))"
    }
}
