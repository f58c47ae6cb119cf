import MediaDomain

/// The workers of some rungs of one part: a few get the source's pictures, and hand them on to the others once they have scaled
/// them.
struct RungTree {
    /// Pictures on their way to one rung: the next one while it works, and no more, for the memory.
    private static let pictureBound = 1

    /// In the order of the rungs that were asked for.
    let workers: [RungWorker]
    /// Where the source's pictures go.
    let roots: [BoundedQueue<RungWorker.Message>]

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
    ) {
        let sizes = rungs.map { job.plan.rungs[$0].size }
        let parents = ScalingTree(of: sizes, source: job.pictures?.displaySize).parents
        let queues = rungs.map { _ in workshop.makeQueue(of: RungWorker.Message.self, bound: Self.pictureBound) }
        func followers(of parent: Int?) -> [BoundedQueue<RungWorker.Message>] {
            zip(parents, queues).filter { $0.0 == parent }.map(\.1)
        }
        roots = followers(of: nil)
        workers = rungs.enumerated().map { place, rung in
            RungWorker(
                job.plan.rungs[rung],
                clock: clock,
                colors: before.colors,
                continues: lane.part.index > 0,
                output: job.output(ofRung: rung, lane, before),
                queue: queues[place],
                followers: followers(of: place)
            )
        }
    }
}
