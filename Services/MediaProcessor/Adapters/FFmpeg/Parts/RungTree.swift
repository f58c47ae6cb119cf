import MediaDomain

/// The workers of some rungs of one part: a few get the source's pictures, and hand them on to the others once they have scaled
/// them.
struct RungTree {
    /// Pictures on their way to one rung, besides those that the entrance holds back: the next one while it works, for the memory.
    private static let pictureBound = 1

    /// In the order of the rungs that were asked for.
    let workers: [RungWorker]
    /// Where the source's pictures go in.
    let entrance: RungEntrance

    /// - Parameters:
    ///   - rungs: Indices in the plan.
    ///   - before: What the parts before have settled.
    init(
        _ rungs: [Int],
        of job: TranscodeJob,
        _ lane: PartLane,
        before: PartContext,
        clock: PictureClock,
        workshop: Workshop
    ) throws(MediaError) {
        func makeQueue() -> BoundedQueue<RungWorker.Message> { workshop.makeQueue(bound: Self.pictureBound) }
        let planned = rungs.map { job.plan.rungs[$0] }
        let source = job.pictures?.displaySize
        let parents = ScalingTree(of: planned.map(\.size), source: source).parents
        let queues = rungs.map { _ in makeQueue() }
        func followers(of parent: Int?) -> [BoundedQueue<RungWorker.Message>] {
            zip(parents, queues).filter { $0.0 == parent }.map(\.1)
        }
        let isTold = planned.map { rung in source.map { PictureTypeDecision.suits(rung, of: $0) } ?? false }
        let decision = try failing(as: .encodeFailed) { () throws(AVError) -> PictureTypeDecision? in
            guard let source, let rung = zip(planned, isTold).first(where: \.1)?.0 else { return nil }
            return try PictureTypeDecision(for: rung, of: source)
        }
        entrance = RungEntrance(followers(of: nil), decision: decision)
        workers = rungs.enumerated().map { place, rung in
            RungWorker(
                planned[place],
                clock: clock,
                colors: before.colors,
                continues: lane.part.index > 0,
                isToldTypes: isTold[place],
                output: job.output(ofRung: rung, lane, before),
                queue: queues[place],
                followers: followers(of: place)
            )
        }
    }
}
