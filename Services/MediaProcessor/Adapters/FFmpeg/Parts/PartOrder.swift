import Foundation
import MediaDomain

/// Brings what parts tell while they are made, several at once, into the presentation's order: the first one that is not
/// joined is heard at once, what the others tell waits for their turn.
///
/// A part that does not start where the one before ends is never heard: it is made anew.
///
/// `@unchecked Sendable`: all state is touched with `condition` locked.
final class PartOrder: @unchecked Sendable {
    enum Note {
        /// A segment of the pictures starts there, in seconds.
        case cut(at: Double)
        /// The pictures were decoded up to there, in seconds.
        case reached(Double)
        case segment(SegmentResult, number: Int, TrackID, TrackHead)
    }

    private let condition = NSCondition()
    /// Called with `condition` locked.
    private let hear: (Note) -> Void
    private let progressed: (Double) -> Void
    private var front = 0
    /// Ticks: where the part in front starts, and where parts have started.
    private var expectedStart: Int64?
    private var starts: [Int: Int64] = [:]
    private var waiting: [Int: [Note]] = [:]
    /// Seconds that are made of each part.
    private var made: [Int: Double] = [:]
    private var lastPart = Int.max
    private var isClosed = false

    /// - Parameters:
    ///   - hear: Given every note in its turn; may take its time, but not wait for another part.
    ///   - progressed: Told how many seconds are made in all.
    init(hear: @escaping (Note) -> Void, progressed: @escaping (Double) -> Void) {
        self.hear = hear
        self.progressed = progressed
    }

    // MARK: The parts' side

    /// A part's first picture is shown there, in ticks; told before all else.
    func begin(_ part: Int, at start: Int64) { condition.withLock { starts[part] = start } }

    func tell(_ note: Note, of part: Int) {
        condition.withLock {
            if isHeard(part) { hear(note) } else { waiting[part, default: []].append(note) }
        }
    }

    /// - Parameter isNew: Whether somebody is to hear of it.
    func progress(to seconds: Double, of part: Int, isNew: Bool = true) {
        condition.withLock {
            made[part] = seconds
            if isNew { progressed(made.values.reduce(0, +)) }
        }
    }

    /// The source's pictures end in this part: waits until all before it are joined; false if that will not be.
    func awaitTurn(of part: Int) -> Bool {
        condition.withLock {
            lastPart = min(lastPart, part)
            while part != front, !isClosed { condition.wait() }
            return isHeard(part)
        }
    }

    private func isHeard(_ part: Int) -> Bool {
        guard part == front else { return false }
        guard let start = starts[part], let expectedStart else { return true }
        return start == expectedStart
    }

    // MARK: The joint

    /// The last part that is worth making, as far as that is known.
    var last: Int { condition.withLock { lastPart } }

    /// All parts up to this one are joined, and it ends there, in ticks.
    func advance(past part: Int, end: Int64) {
        condition.withLock {
            front = part + 1
            expectedStart = end
            if isHeard(front) { for note in waiting.removeValue(forKey: front) ?? [] { hear(note) } }
            condition.broadcast()
        }
    }

    /// Forgets what a part has told: it is made anew.
    func forget(_ part: Int) {
        condition.withLock { (waiting[part], made[part], starts[part]) = (nil, nil, nil) }
    }

    /// Nobody waits for his turn any more.
    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }
}

/// One part's way to be heard.
struct PartLane: SegmentListener {
    let part: PartPlan
    let order: PartOrder

    func begin(at start: Int64) { order.begin(part.index, at: start) }

    func cut(at seconds: Double) { order.tell(.cut(at: seconds), of: part.index) }

    func reached(_ seconds: Double) {
        order.tell(.reached(seconds), of: part.index)
        order.progress(to: max(0, seconds - part.start), of: part.index)
    }

    func made(_ segment: SegmentResult, number: Int, of track: TrackID, _ head: TrackHead) {
        order.tell(.segment(segment, number: number, track, head), of: part.index)
    }

    /// Waits until all parts before are joined; false if that will not be.
    func awaitTurn() -> Bool { order.awaitTurn(of: part.index) }

    /// Tells what an earlier attempt has made, its segments only where they are news.
    func repeated(_ result: PartResult, areNews: Bool) {
        for (rung, track) in result.video.enumerated() where areNews {
            for (index, segment) in track.segments.enumerated() {
                made(segment, number: part.firstSegment + index, of: .video(rung), track.head)
            }
        }
        for seconds in result.cuts { cut(at: seconds) }
        order.tell(.reached(result.seconds(result.end)), of: part.index)
    }

    /// All of it is made.
    func count(_ result: PartResult) {
        order.progress(to: result.seconds(result.end - result.start), of: part.index, isNew: false)
    }
}
