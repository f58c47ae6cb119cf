import DequeModule
import MediaDomain

/// Decides which sound packet starts a segment.
///
/// Both tracks come out with the same number of segments.
struct SoundCuts {
    enum Placement: Equatable {
        /// Goes into the segment under way.
        case write
        /// Starts a segment.
        case cut
        /// Cannot be told before the pictures have come that far.
        case wait
    }

    private let grid: SegmentGrid
    /// Half a packet, in seconds: what is nearer to a cut than this lies behind it.
    private let half: Double
    /// Whether the cuts are the pictures'; without pictures they lie at the planned times.
    private let followsPictures: Bool
    private var known: Deque<Double> = []
    private var cutCount = 0
    private var hasEnded = false

    init(grid: SegmentGrid, packetDuration: Double, followsPictures: Bool) {
        self.grid = grid
        half = packetDuration / 2
        self.followsPictures = followsPictures
        if !followsPictures { cut(at: grid.start(of: 1)) }
    }

    mutating func cut(at seconds: Double) {
        known.append(seconds)
        cutCount += 1
    }

    /// No more cuts will come.
    mutating func end() { hasEnded = true }

    /// - Parameter isLast: whether no packet follows: then it must start the segment that the pictures have started, however small.
    mutating func place(_ start: Double, isLast: Bool) -> Placement {
        guard let next = known.first else {
            // The pictures' next cut is never earlier than planned, but for what rounding takes.
            let earliest = grid.start(of: cutCount + 1) - half - 0.002
            return hasEnded || start < earliest ? .write : .wait
        }
        guard start >= next - half || isLast && followsPictures else { return .write }
        known.removeFirst()
        if !followsPictures { cut(at: grid.start(of: cutCount + 1)) }
        return .cut
    }
}
