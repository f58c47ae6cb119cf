import Foundation
import MediaDomain

/// Makes the parts that are missing, as many at once as there are slots, and joins them in order.
///
/// The opening is made alone: it settles what holds for all, and viewers wait for it. What comes of the others does not
/// depend on who is made when: a part that ran ahead of a damaged place and does not fit is made anew, told where to start.
///
/// Used by one thread, which starts one for each part.
final class PartCrew {
    /// How many parts may be ahead of the one whose turn it is, for each slot.
    private static let lead = 4

    private let job: TranscodeJob
    private let source: PartedSource
    private let storyboard: Storyboard?
    private let cadence: Cadence
    private let order: PartOrder
    private let workshop: Workshop
    private let slots: PartSlots
    private let ends = PartEnds()
    private var lanes: [Int: Lane] = [:]
    private(set) var sequence: PartSequence
    /// Parts behind the front that earlier attempts made.
    private var found: Set<Int> = []
    /// Parts that are not made before their turn again.
    private var tried: Set<Int> = []
    /// Whether the listener wanted no more parts.
    private(set) var isStopped = false
    /// Whether a part that was planned has no pictures.
    private(set) var isBrokenOff = false

    private struct Lane {
        let thread: WorkerThread
        let workshop: Workshop
        /// Whether it began when its turn had come, knowing all that there is to know.
        let isCertain: Bool
    }

    /// - Parameters:
    ///   - sequence: What earlier attempts made.
    ///   - workshop: Ends all lanes when it fails.
    init(
        _ job: TranscodeJob,
        _ source: PartedSource,
        _ sequence: PartSequence,
        storyboard: Storyboard?,
        cadence: Cadence,
        order: PartOrder,
        workshop: Workshop,
        slots: PartSlots
    ) {
        self.job = job
        self.source = source
        self.sequence = sequence
        self.storyboard = storyboard
        self.cadence = cadence
        self.order = order
        self.workshop = workshop
        self.slots = slots
    }

    /// Works until all parts are joined, nobody wants more, or there are no more.
    func run() throws(MediaError) {
        guard let clock = source.clock else { return }
        slots.onChange { [ends] in ends.wake() }
        workshop.onFailure { [ends, order] in
            order.close()
            ends.wake()
        }
        defer { endLanes() }
        try takeUp()
        while !sequence.isComplete, !isBrokenOff {
            if !isStopped { startLanes(clock) }
            guard !lanes.isEmpty else { return }
            for end in ends.wait() { try take(end) }
            if let failure = workshop.failure { throw failure }
        }
        isStopped = false
    }

    // MARK: - Starting

    /// Tells what earlier attempts made.
    private func takeUp() throws(MediaError) {
        for result in sequence.results + sequence.waiting { lane(result.plan).count(result) }
        for result in sequence.results {
            try storyboard?.join(result.tiles, of: result.plan.index)
            lane(result.plan).repeated(result, areNews: false)
            order.advance(past: result.plan.index, end: result.end)
        }
        found = Set(sequence.waiting.map(\.plan.index))
    }

    private func startLanes(_ clock: PictureClock) {
        guard let front = sequence.front else { return }
        if canStart(front.index) { start(front, isCertain: true, clock) }
        // The opening settles what all others need.
        guard front.index > 0 else { return }
        let end = min(sequence.plans.count, front.index + Self.lead * slots.count, order.last)
        for index in front.index + 1..<max(front.index + 1, end) {
            guard lanes.count < slots.count else { return }
            if canStart(index), !tried.contains(index) { start(sequence.plans[index], isCertain: false, clock) }
        }
    }

    private func canStart(_ index: Int) -> Bool { lanes[index] == nil && !sequence.isMade(index) }

    private func start(_ part: PartPlan, isCertain: Bool, _ clock: PictureClock) {
        let inner = Workshop()
        workshop.adopt(inner)
        let maker = PartMaker(
            job,
            lane: lane(part),
            context: PartPass.Context(isSeekable: source.isSeekable, before: sequence.context(of: part)),
            cadence: cadence,
            clock: clock,
            workshop: inner
        )
        let thread = WorkerThread(named: "part \(part.index + 1)") { [ends] in
            if !isCertain { WorkerThread.giveWay() }
            ends.put(PartEnds.End(part: part, outcome: Result { () throws(MediaError) in try maker.make() }))
        }
        lanes[part.index] = Lane(thread: thread, workshop: inner, isCertain: isCertain)
    }

    private func lane(_ part: PartPlan) -> PartLane { PartLane(part: part, order: order) }

    // MARK: - Joining

    private func take(_ end: PartEnds.End) throws(MediaError) {
        guard let lane = lanes.removeValue(forKey: end.part.index) else { return }
        lane.thread.join()
        workshop.dismiss(lane.workshop)
        switch end.outcome {
        case .success(let result?): try take(result, isCertain: lane.isCertain)
        case .success(nil) where lane.isCertain: isBrokenOff = true
        case .failure(let error) where lane.isCertain: throw error
        // What kept it from being made may be no more once it is known where it starts, or it may not be wanted at all.
        case .success(nil), .failure: makeAnew(end.part)
        }
    }

    private func take(_ result: PartResult, isCertain: Bool) throws(MediaError) {
        let isFront = result.plan.index == sequence.front?.index
        sequence.add(result)
        lane(result.plan).count(result)
        if !isFront { tell(result) }
        while let junction = sequence.join() {
            switch junction {
            case .misfit(let part) where isCertain && part == result.plan:
                throw MediaError(.encodeFailed, "part \(part.index + 1) does not follow the one before it")
            case .misfit(let part): makeAnew(part)
            case .joined(let joined):
                try storyboard?.join(joined.tiles, of: joined.plan.index)
                if joined.plan == result.plan, isFront { tell(joined) }
                if found.contains(joined.plan.index) { lane(joined.plan).repeated(joined, areNews: true) }
                job.listener.joined(joined.plan)
                order.advance(past: joined.plan.index, end: joined.end)
            }
        }
    }

    private func tell(_ result: PartResult) {
        guard !job.listener.made(result, tilesFrom: storyboard?.firstOpenPart ?? 0) else { return }
        isStopped = true
        // Whoever waits for parts that nobody makes any more would wait for ever.
        order.close()
    }

    private func makeAnew(_ part: PartPlan) {
        tried.insert(part.index)
        found.remove(part.index)
        order.forget(part.index)
    }

    private func endLanes() {
        for lane in lanes.values { lane.workshop.fail(TranscodeJob.stopped) }
        order.close()
        for lane in lanes.values { lane.thread.join() }
    }
}
