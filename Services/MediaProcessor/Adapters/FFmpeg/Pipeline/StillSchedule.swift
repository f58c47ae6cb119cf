import MediaDomain

/// Which pictures become thumbnails and storyboard tiles: those on show at the planned times.
struct StillSchedule {
    struct Due: Hashable {
        var thumbnails: [Int] = []
        /// Numbers of tiles, from 0.
        var tiles = 0..<0
        var isEmpty: Bool { thumbnails.isEmpty && tiles.isEmpty }
    }

    private let thumbnailTimes: [Double]
    private let tileInterval: Double?
    private var nextThumbnail = 0
    private var nextTile = 0

    /// - Parameter start: Seconds: what lies before belongs to others.
    init(_ plan: TranscodePlan, from start: Double = 0) {
        thumbnailTimes = plan.thumbnailTimes
        tileInterval = plan.storyboard.map(\.interval)
        _ = due(before: start)
    }

    /// What the picture on show until `end` (seconds) is wanted for.
    ///
    /// Thumbnails are numbered from 1.
    mutating func due(before end: Double) -> Due {
        var due = Due()
        while nextThumbnail < thumbnailTimes.count, thumbnailTimes[nextThumbnail] < end {
            nextThumbnail += 1
            due.thumbnails.append(nextThumbnail)
        }
        if let tileInterval {
            let first = nextTile
            while Double(nextTile) * tileInterval < end { nextTile += 1 }
            if nextTile > first { due.tiles = first..<nextTile }
        }
        return due
    }

    /// What the last picture is wanted for, if nothing was taken before: there is always a poster.
    mutating func poster() -> Due? {
        guard nextThumbnail == 0, !thumbnailTimes.isEmpty else { return nil }
        nextThumbnail = 1
        return Due(thumbnails: [1])
    }
}
