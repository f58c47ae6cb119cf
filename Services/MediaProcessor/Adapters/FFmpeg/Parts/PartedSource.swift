import CFFmpeg
import MediaDomain

/// A source as it is cut into parts.
struct PartedSource {
    /// Empty where there are no pictures.
    let parts: [PartPlan]
    /// How the pictures' tracks count time.
    let clock: PictureClock?
    /// Whether it can be read from the middle.
    let isSeekable: Bool
    private let declaredDuration: Double?

    /// Looks at an opened source, which is of no use after that.
    init(_ job: TranscodeJob, _ input: InputContext) throws(MediaError) {
        declaredDuration = input.declaresDuration ? input.duration : nil
        guard let video = job.pictures else {
            (parts, clock, isSeekable) = ([], nil, false)
            return
        }
        let stream = try input.stream(video.index)
        let times = try job.prepare(input, toRead: [video.index])
        let base = stream.pointee.time_base
        let isSeekable = !input.mayJump && input.canSeek(in: video.index)
        let planner = PartPlanner(job.plan.grid, duration: input.duration)
        let keyframe: PartPlanner.Keyframe = { seconds in
            input.keyframe(in: video.index, before: times.streamTime(of: seconds, base)).map {
                times.seconds(of: $0, base)
            }
        }
        parts = planner.parts(keyframe: isSeekable ? keyframe : nil)
        clock = PictureClock(stream)
        self.isSeekable = isSeekable
        try input.checkSource()
    }

    /// Whether the source claims to last longer than until `end`.
    ///
    /// Containers round, and count tracks that we do not show: a second, or a fiftieth of a long one, is no loss.
    func isMissingSomething(after end: Double) -> Bool {
        guard let declaredDuration else { return false }
        return end + max(1, declaredDuration / 50) < declaredDuration
    }
}
