import MediaDomain

/// Decodes the pictures of one part once, and makes some of its rungs of them.
final class PartPass {
    /// What is known before it begins.
    struct Context {
        let isSeekable: Bool
        var before: PartContext
        /// Seconds: where the presentation ends, if the pictures do in this part and that is known.
        var presentationEnd: Double?
        /// How many pictures are decoded at once.
        var decodingThreads = 1
    }

    private static let stillBound = 1
    /// Seconds of the source between two reports.
    private static let progressStep = 0.25

    private let job: TranscodeJob
    private let part: PartPlan
    private let context: Context
    private let cadence: Cadence
    private let workshop: Workshop
    private let rungTree: RungTree
    private let stills: StillWorker?
    private let lane: PartLane
    /// Told where segments start, in seconds.
    private let cut: (Double) -> Void
    private var feed: PictureFeed?
    private var isBroken = false
    private var reported = 0.0
    private var presentationEnd: Double?

    /// - Parameters:
    ///   - rungs: Indices in the plan.
    ///   - isMain: Whether it makes the stills and tells how far it is; each part has one such pass.
    ///   - tellsCuts: Whether nobody else has told where segments start.
    init(
        _ job: TranscodeJob,
        lane: PartLane,
        rungs: [Int],
        context: Context,
        isMain: Bool,
        tellsCuts: Bool,
        cadence: Cadence,
        clock: PictureClock,
        workshop: Workshop
    ) throws(MediaError) {
        self.job = job
        self.lane = lane
        part = lane.part
        self.context = context
        self.cadence = cadence
        self.workshop = workshop
        cut = { if tellsCuts { lane.cut(at: $0) } }
        rungTree = try RungTree(rungs, of: job, lane, before: context.before, clock: clock, workshop: workshop)
        stills =
            isMain
            ? StillWorker(job.plan, sink: job.sink, queue: workshop.makeQueue(bound: Self.stillBound)) : nil
    }

    private var workers: [RungWorker] { rungTree.workers }

    /// What came of it; `nil` if there was no picture at all.
    ///
    /// - Throws: ``TranscodeJob/doubtful`` if it has to be done with one decoding thread.
    func run() throws(MediaError) -> PassResult? {
        let all: [any Worker] = workers + [stills].compactMap(\.self)
        try workshop.run(all) { () throws(MediaError) in try decode() }
        guard let feed, feed.hasPictures, let end = feed.partEnd else { return nil }
        let tracks = workers.compactMap(\.result)
        guard tracks.count == workers.count else { return nil }
        return PassResult(
            tracks: tracks,
            start: feed.partStart,
            end: end,
            pictures: workers.first?.pictures ?? PictureCount(),
            colors: workers.first?.colors ?? .unspecified,
            thumbnailCount: stills?.thumbnailCount ?? 0,
            tiles: stills?.tiles ?? PartTiles(),
            isDamaged: feed.isDamaged || isBroken,
            presentationEnd: presentationEnd
        )
    }

    private func decode() throws(MediaError) {
        guard let video = job.pictures else { return }
        var source = PartInput(job, part: part, stream: video.index, isSeekable: context.isSeekable)
        var feed: PictureFeed
        repeat {
            var (input, reading, isFromStart) = try source.open()
            feed = try makeFeed(input, video, isFromStart: isFromStart)
            try pump(feed, &reading, video.index)
            isBroken = reading.isBroken
        } while feed.beganTooLate
        self.feed = feed
        guard !feed.isOver else { return }
        guard feed.isCertain else { throw TranscodeJob.doubtful }
        // Nothing of it tells where the presentation ends.
        guard feed.hasPictures else { return try feed.finish(at: feed.end) }
        try finish(feed)
    }

    private func makeFeed(
        _ input: InputContext,
        _ video: VideoStream,
        isFromStart: Bool
    ) throws(MediaError) -> PictureFeed {
        try PictureFeed(
            input.stream(video.index),
            bound: job.bound(input),
            plan: job.plan,
            part: part,
            isFromStart: isFromStart,
            expectedStart: context.before.expectedStart,
            threads: context.decodingThreads,
            outlets: PictureFeed.Outlets(
                rungs: rungTree.entrance,
                stills: stills?.queue,
                begin: lane.begin,
                cut: cut
            )
        )
    }

    private func pump(_ feed: PictureFeed, _ reading: inout SourceReading, _ stream: Int) throws(MediaError) {
        while workshop.failure == nil, !feed.isOver, feed.isCertain, feed.end < AcceptedMedia.maximumDuration {
            guard let packet = try reading.next() else { break }
            guard packet.streamIndex == stream else { continue }
            // Stills alone are taken from keyframes.
            guard !workers.isEmpty || packet.isKeyframe else {
                feed.pass(packet)
                continue
            }
            try feed.decode(packet)
            report(feed)
        }
        if !feed.isOver, feed.isCertain { try feed.decode(nil) }
    }

    /// The source's pictures end in this part: the last one stands until the sound ends, too.
    private func finish(_ feed: PictureFeed) throws(MediaError) {
        var end = min(feed.end, AcceptedMedia.maximumDuration)
        if let known = context.presentationEnd {
            end = known
        } else {
            guard lane.awaitTurn() else { throw TranscodeJob.stopped }
            cadence.endPictures()
            var held = end
            while let sound = cadence.sound(beyond: held) {
                held = min(max(end, sound.end), AcceptedMedia.maximumDuration)
                try feed.hold(until: held)
                if sound.isOver { break }
                held += 1
            }
            end = held
        }
        try feed.finish(at: end)
        presentationEnd = end
        if stills != nil { lane.reached(end) }
    }

    private func report(_ feed: PictureFeed) {
        guard feed.end >= reported + Self.progressStep, feed.hasPictures else { return }
        reported = feed.end
        if stills != nil { lane.reached(feed.end) }
    }
}

/// What one pass over a part made.
struct PassResult {
    /// In the order of the rungs that it was to make.
    let tracks: [PartTrack]
    /// Ticks.
    let start: Int64
    let end: Int64
    var pictures: PictureCount
    let colors: PictureColors
    let thumbnailCount: Int
    let tiles: PartTiles
    let isDamaged: Bool
    /// Seconds: where the presentation ends, if the source's pictures did in this part.
    let presentationEnd: Double?
}

extension TranscodeJob {
    /// Where a rung's segments of a part go.
    func output(ofRung index: Int, _ lane: PartLane, _ context: PartContext) -> TrackOutput {
        let folder = OutputLayout.videoFolder(plan.rungs[index].name)
        var output = TrackOutput(.video(index), folder: folder, sink: sink, listener: lane)
        let copied = plan.rungs[index].copies ? source.video?.copyFacts?.keyframeInterval : nil
        output.firstSegment = lane.part.firstSegment
        // One fragment per group of pictures.
        output.firstFragment = Int((lane.part.start / (copied ?? plan.keyframeInterval)).rounded()) + 1
        output.knownHeader = context.heads.isEmpty ? nil : context.heads[index].initChecksum
        return output
    }
}
