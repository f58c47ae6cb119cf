import CFFmpeg
import MediaDomain

/// Decodes the pictures, puts them on the timeline and hands them to the rungs and to the stills.
///
/// Used by one thread.
final class PictureFeed {
    private let clock: PictureClock
    private let decoder: PacketDecoder
    private let upright: Upright
    private var timeline: PictureTimeline
    private var bound: TimeBound
    private var schedule: StillSchedule
    private let rungs: [BoundedQueue<RungWorker.Message>]
    private let stills: BoundedQueue<StillWorker.Message>
    private let sounds: [BoundedQueue<SoundWorker.Message>]
    /// The picture on show: it may have to be repeated.
    private var last: Frame?
    /// Ticks: where the source says that the last picture's time is over.
    private var lastEnd: Int64 = 0

    init(
        _ stream: UnsafeMutablePointer<AVStream>,
        rotation: Int,
        clock: PictureClock,
        bound: TimeBound,
        plan: TranscodePlan,
        rungs: [BoundedQueue<RungWorker.Message>],
        stills: BoundedQueue<StillWorker.Message>,
        sounds: [BoundedQueue<SoundWorker.Message>]
    ) throws(MediaError) {
        self.clock = clock
        self.bound = bound
        decoder = try PacketDecoder(stream)
        upright = Upright(rotation: rotation, timescale: clock.timescale)
        timeline = PictureTimeline(
            timescale: clock.timescale,
            keyframeInterval: plan.keyframeInterval,
            segmentDuration: plan.segmentDuration
        )
        schedule = StillSchedule(plan)
        self.rungs = rungs
        self.stills = stills
        self.sounds = sounds
    }

    var isDamaged: Bool { decoder.isDamaged || bound.wasExceeded }
    var hasPictures: Bool { last != nil }
    /// Seconds: where the pictures so far end.
    var end: Double { seconds(max(lastEnd, timeline.last ?? 0)) }

    /// Takes a packet with times of the presentation.
    func decode(_ packet: Packet?) throws(MediaError) {
        try decoder.decode(packet) { frame throws(MediaError) in try take(frame) }
        guard packet == nil else { return }
        let rest = try failing(as: .decodeFailed) { () throws(AVError) in try upright.turn(nil) }
        for frame in rest { show(frame) }
    }

    /// Holds the last picture until `end` (seconds), and ends all that follow.
    func finish(at end: Double) {
        let ticks = Int64((end * Double(clock.timescale)).rounded())
        if let last {
            for slot in timeline.hold(until: ticks) { hand(on: last, slot) }
            offerStill(until: end)
            if let poster = schedule.poster() { stills.push(.picture(last, poster)) }
        }
        for rung in rungs { rung.push(.end(ticks)) }
        stills.push(.end)
    }

    private func take(_ frame: Frame) throws(MediaError) {
        let base = decoder.timeBase
        let start = frame.time == unknownTime ? seconds(lastEnd) : base.seconds(frame.time)
        guard bound.admits(start, after: seconds(lastEnd)) else { return }
        let duration = base.rescale(cffmpeg_frame_duration(frame.pointer), to: .ticks(clock.timescale))
        frame.time = frame.time == unknownTime ? lastEnd : base.rescale(frame.time, to: .ticks(clock.timescale))
        lastEnd = max(lastEnd, frame.time + plausible(duration))
        let ready = try failing(as: .decodeFailed) { () throws(AVError) in try upright.turn(frame) }
        for frame in ready { show(frame) }
    }

    private func show(_ frame: Frame) {
        let (repeats, slot) = timeline.place(frame.time)
        if let last { for slot in repeats { hand(on: last, slot) } }
        guard let slot else { return }
        offerStill(until: seconds(slot.time))
        last = frame
        hand(on: frame, slot)
    }

    private func hand(on frame: Frame, _ slot: Slot) {
        if slot.startsSegment, slot.time > 0 {
            for sound in sounds { sound.push(.cut(at: seconds(slot.time))) }
        }
        for rung in rungs { rung.push(.picture(frame, slot)) }
    }

    private func offerStill(until end: Double) {
        guard let last else { return }
        let due = schedule.due(before: end)
        if !due.isEmpty { stills.push(.picture(last, due)) }
    }

    private func seconds(_ ticks: Int64) -> Double { Double(ticks) / Double(clock.timescale) }

    /// A frame's duration as the container tells it, unless it tells none or nonsense.
    private func plausible(_ duration: Int64) -> Int64 {
        guard duration > 0, duration < Int64(clock.timescale) * 10 else {
            return clock.pictureDuration
        }
        return duration
    }
}
