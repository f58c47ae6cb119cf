import MediaDomain

/// Decides when each picture is shown, which are keyframes, and which start segments: the same for every rung.
///
/// Pictures keep their times. The first is shown from 0; one that stands longer than half a second is repeated, so that no segment grows
/// longer than planned by more than that; what exceeds 60 pictures a second is left out.
struct PictureTimeline {
    /// Seconds.
    static let longestHold = 0.5
    /// Seconds by which a picture may come early: some containers know no finer times.
    static let rounding = 0.001
    /// Per second, with room for the rounding of milliseconds.
    static let mostPictures = 62.5

    private let timescale: Int
    private let keyframeInterval: Double
    private let grid: SegmentGrid
    private(set) var last: Int64?
    private var group = -1
    private var segment = -1

    init(timescale: Int, keyframeInterval: Double, grid: SegmentGrid) {
        self.timescale = timescale
        self.keyframeInterval = keyframeInterval
        self.grid = grid
    }

    /// Starts the timeline with a picture shown at `time`.
    mutating func begin(at time: Int64) -> Slot { slot(time) }

    /// Where the previous picture is repeated before one comes at `time`, and where that one goes: `nil` if nowhere.
    mutating func place(_ time: Int64) -> (repeats: [Slot], slot: Slot?) {
        guard let last else { return ([], slot(0)) }
        guard Double(time - last) * Self.mostPictures >= Double(timescale) else { return ([], nil) }
        let repeats = hold(until: time)
        return (repeats, slot(time))
    }

    /// Where the last picture is repeated until `end`.
    mutating func hold(until end: Int64) -> [Slot] {
        var repeats: [Slot] = []
        let step = Int64(Self.longestHold * Double(timescale))
        while let last, end - last > step { repeats.append(slot(last + step)) }
        return repeats
    }

    private mutating func slot(_ time: Int64) -> Slot {
        last = time
        let isKeyframe = Self.advance(&group, to: Int((seconds(time) / keyframeInterval).rounded(.down)))
        // A segment starts with a keyframe, so it waits for one.
        let startsSegment = isKeyframe && Self.advance(&segment, to: grid.index(at: seconds(time)))
        return Slot(time: time, isKeyframe: isKeyframe, startsSegment: startsSegment)
    }

    /// A little later than it is.
    private func seconds(_ time: Int64) -> Double { Double(time) / Double(timescale) + Self.rounding }

    private static func advance(_ current: inout Int, to next: Int) -> Bool {
        guard next > current else { return false }
        current = next
        return true
    }
}
