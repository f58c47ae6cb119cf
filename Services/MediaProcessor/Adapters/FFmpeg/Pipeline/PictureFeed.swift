import CFFmpeg
import MediaDomain

/// Decodes the pictures of one part, puts them on the timeline and hands them to the rungs and to the stills.
///
/// Used by one thread.
final class PictureFeed {
    /// Who gets the pictures.
    struct Outlets {
        let rungs: RungEntrance
        let stills: BoundedQueue<StillWorker.Message>?
        /// Told where the part starts, in ticks.
        let begin: (Int64) -> Void
        /// Told where segments start, in seconds.
        let cut: (Double) -> Void
    }

    private enum State { case before, within, over }

    private let part: PartPlan
    private let plan: TranscodePlan
    private let clock: PictureClock
    private let window: PartWindow
    private let decoder: PacketDecoder
    private let upright: Upright
    private let outlets: Outlets
    private let isFromStart: Bool
    private let expectedStart: Int64?
    private let threads: Int
    private let complaints = LibraryLog.pictureComplaints
    private var timeline: PictureTimeline
    private var bound: TimeBound
    private var schedule: StillSchedule
    private var state = State.before
    /// The newest picture before the part.
    private var previous: Frame?
    /// The picture on show: it may have to be repeated.
    private var last: Frame?
    /// Ticks: the newest picture's own time.
    private var lastTime: Int64 = 0
    /// Ticks: where the source says that the last picture's time is over.
    private var lastEnd: Int64 = 0
    /// Ticks: when the part's first picture is shown, and until when its last is.
    private(set) var partStart: Int64 = 0
    private(set) var partEnd: Int64?
    /// Whether the part's first picture lies before what was read.
    private(set) var beganTooLate = false

    /// - Parameters:
    ///   - isFromStart: Whether the stream is read from its very start.
    ///   - expectedStart: Ticks: where the part before ends; what starts elsewhere, in a damaged file, is moved there.
    ///   - threads: How many pictures are decoded at once.
    init(
        _ stream: UnsafeMutablePointer<AVStream>,
        bound: TimeBound,
        plan: TranscodePlan,
        part: PartPlan,
        isFromStart: Bool,
        expectedStart: Int64?,
        threads: Int = 1,
        outlets: Outlets
    ) throws(MediaError) {
        let clock = PictureClock(stream)
        self.clock = clock
        self.bound = bound
        self.part = part
        self.plan = plan
        self.isFromStart = isFromStart
        self.expectedStart = expectedStart
        self.threads = threads
        self.outlets = outlets
        window = PartWindow(part, timescale: clock.timescale)
        decoder = try PacketDecoder(stream, threads: threads)
        upright = Upright(Orientation(stream), timescale: clock.timescale)
        timeline = PictureTimeline(
            timescale: clock.timescale,
            keyframeInterval: plan.keyframeInterval,
            grid: plan.grid
        )
        schedule = StillSchedule(plan)
    }

    var isDamaged: Bool { decoder.isDamaged || bound.wasExceeded }
    /// Whether the pictures come out so each time; where it is false, nobody is told where the part ends.
    ///
    /// One thread decodes what is damaged always in the same way, several do what is not.
    var isCertain: Bool { threads == 1 || !isDamaged && LibraryLog.pictureComplaints == complaints }
    var hasPictures: Bool { last != nil }
    /// Whether all of the part's pictures were found.
    var isOver: Bool { state == .over }
    /// Seconds: where the pictures so far end.
    var end: Double { seconds(max(lastEnd, timeline.last ?? 0)) }

    /// Takes a packet with times of the presentation.
    func decode(_ packet: Packet?) throws(MediaError) {
        try decoder.decode(packet) { frame throws(MediaError) in try take(frame) }
        guard packet == nil else { return }
        let rest = try failing(as: .decodeFailed) { () throws(AVError) in try upright.turn(nil) }
        for frame in rest { try show(frame) }
        // Where nothing follows the part before but what was shown in it, that stays on show.
        if state == .before, let previous, let expectedStart { try begin(at: expectedStart, with: previous) }
    }

    /// Takes note of a packet that is not decoded: its picture is shown, too.
    func pass(_ packet: Packet) {
        let base = decoder.timeBase
        guard packet.presentationTime != unknownTime,
            bound.admits(base.seconds(packet.presentationTime), after: seconds(lastEnd))
        else { return }
        let time = base.rescale(packet.presentationTime, to: .ticks(clock.timescale))
        let duration = base.rescale(packet.duration, to: .ticks(clock.timescale))
        lastEnd = max(lastEnd, time + plausible(duration))
    }

    /// Shows the last picture for longer: until `end` (seconds) at least.
    func hold(until end: Double) throws(MediaError) {
        guard let last else { return }
        for slot in timeline.hold(until: ticks(end)) { try hand(on: last, slot) }
    }

    /// Holds the last picture until `end` (seconds), which is the presentation's, and ends all that follow.
    func finish(at end: Double) throws(MediaError) {
        try hold(until: end)
        if let last {
            offerStill(until: end)
            if let poster = schedule.poster() { outlets.stills?.push(.picture(last, poster)) }
        }
        try complete(at: ticks(end))
    }

    private func take(_ frame: Frame) throws(MediaError) {
        let base = decoder.timeBase
        let start = frame.time == unknownTime ? seconds(lastEnd) : base.seconds(frame.time)
        guard state != .over, bound.admits(start, after: seconds(lastEnd)) else { return }
        let duration = base.rescale(cffmpeg_frame_duration(frame.pointer), to: .ticks(clock.timescale))
        frame.time = frame.time == unknownTime ? lastEnd : base.rescale(frame.time, to: .ticks(clock.timescale))
        lastEnd = max(lastEnd, frame.time + plausible(duration))
        let ready = try failing(as: .decodeFailed) { () throws(AVError) in try upright.turn(frame) }
        for frame in ready { try show(frame) }
    }

    // MARK: The part

    private func show(_ frame: Frame) throws(MediaError) {
        switch state {
        case .before where part.index == 0: try begin(at: 0, with: frame)
        case .before where window.isBefore(frame.time):
            if previous.map({ frame.time >= $0.time }) ?? true { previous = frame }
        case .before: try begin(before: frame)
        case .within: try follow(frame)
        case .over: break
        }
    }

    /// The first picture that is not before the part has come.
    private func begin(before next: Frame) throws(MediaError) {
        guard previous != nil || isFromStart || !window.isAfterStart(next.time) else {
            beganTooLate = true
            state = .over
            return
        }
        // The file's first picture is shown from 0, whatever its time.
        let before = previous?.time ?? (isFromStart ? 0 : nil)
        let start = expectedStart ?? window.start(after: before, next: next.time)
        try begin(at: start, with: start < next.time ? previous ?? next : next)
        lastTime = start < next.time ? before ?? start : start
        if start < next.time { try follow(next) }
    }

    private func begin(at start: Int64, with frame: Frame) throws(MediaError) {
        state = .within
        partStart = start
        outlets.begin(start)
        lastTime = start
        schedule = StillSchedule(plan, from: seconds(start))
        // What was missing before belongs to the parts before.
        decoder.forgive()
        previous = nil
        last = frame
        let slot = timeline.begin(at: start)
        try outlets.rungs.show(frame, slot)
    }

    private func follow(_ frame: Frame) throws(MediaError) {
        if window.isBeyond(frame.time) {
            guard isCertain else { return }
            let end = window.end(after: lastTime, next: frame.time)
            try hold(until: seconds(min(end, window.limit)))
            offerStill(until: seconds(end))
            outlets.cut(seconds(end))
            return try complete(at: end)
        }
        lastTime = max(lastTime, frame.time)
        let (repeats, slot) = timeline.place(frame.time)
        if let last { for slot in repeats { try hand(on: last, slot) } }
        guard let slot else { return }
        offerStill(until: seconds(slot.time))
        last = frame
        try hand(on: frame, slot)
    }

    private func complete(at end: Int64) throws(MediaError) {
        state = .over
        partEnd = end
        try outlets.rungs.end(at: end)
        outlets.stills?.push(.end)
    }

    // MARK: The outlets

    private func hand(on frame: Frame, _ slot: Slot) throws(MediaError) {
        if slot.startsSegment { outlets.cut(seconds(slot.time)) }
        try outlets.rungs.show(frame, slot)
    }

    private func offerStill(until end: Double) {
        guard let last, let stills = outlets.stills else { return }
        let due = schedule.due(before: end)
        if !due.isEmpty { stills.push(.picture(last, due)) }
    }

    // MARK: Times

    private func seconds(_ ticks: Int64) -> Double { Double(ticks) / Double(clock.timescale) }
    private func ticks(_ seconds: Double) -> Int64 { Int64((seconds * Double(clock.timescale)).rounded()) }

    /// A frame's duration as the container tells it, unless it tells none or nonsense.
    private func plausible(_ duration: Int64) -> Int64 {
        guard duration > 0, duration < Int64(clock.timescale) * 10 else {
            return clock.pictureDuration
        }
        return duration
    }
}
