extension StoryboardPlan {
    /// Plans pictures of 160 pixels across on sheets of at most ten by ten, the rarer the longer the source.
    init(for size: PictureSize, duration: Double?) {
        // 16:9 upright is the tallest box; a taller picture gets narrower tiles.
        let tile = size.fitted(into: PictureSize(width: 160, height: 284))
        let known = duration.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
        let interval = Self.interval(over: known)
        // One at the very start and one at each interval; sound that outlasts the pictures may add the one at the end.
        let tiles = known.map { Int(($0 / interval).rounded(.down)) + 1 } ?? 100
        let columns = min(10, tiles)
        self.init(
            interval: interval,
            tileWidth: tile.width,
            tileHeight: tile.height,
            columns: columns,
            rows: min(10, (tiles + columns - 1) / columns)
        )
    }

    /// Seconds: at most 120 pictures in the first two minutes, then as many as a seek bar can tell apart.
    private static func interval(over duration: Double?) -> Double {
        switch duration {
        case nil: 5
        case let duration? where duration <= 120: 1
        case let duration? where duration <= 600: 2
        case let duration? where duration <= 3600: 5
        default: 10
        }
    }
}
