import CFFmpeg
import MediaDomain

/// One transcode: decodes in the calling thread and feeds a worker per rendition.
final class TranscodePipeline {
    /// Pictures on their way to one rung: enough to bridge uneven work, few enough for the memory.
    private static let pictureBound = 2
    private static let soundBound = 32
    private static let stillBound = 1
    /// Seconds of the source between two reports.
    private static let progressStep = 0.25

    private let source: SourceDescription
    private let input: InputContext
    private let workshop = Workshop()
    private let rungs: [RungWorker]
    private let stills: StillWorker?
    private let sounds: [SoundWorker]
    private let pictureFeed: PictureFeed?
    private let soundFeeds: [SoundFeed]
    private let subtitleFeeds: [SubtitleFeed]
    private let sink: any ArtifactSink
    private let progress: (Double) -> Void
    private var reported = 0.0
    private var isBroken = false

    init(
        _ input: InputContext,
        source: SourceDescription,
        plan: TranscodePlan,
        sink: any ArtifactSink,
        progress: @escaping (Double) -> Void
    ) throws(MediaError) {
        self.input = input
        self.source = source
        self.progress = progress
        self.sink = sink
        subtitleFeeds = try plan.subtitles.map { rendition throws(MediaError) in
            SubtitleFeed(try input.stream(rendition.stream), rendition: rendition)
        }
        let workshop = self.workshop
        let video = plan.rungs.isEmpty ? nil : source.video
        let sounds = try plan.audio.map { rendition throws(MediaError) in
            try SoundWorker(
                rendition,
                segmentDuration: plan.segmentDuration,
                followsPictures: video != nil,
                sink: sink,
                queue: workshop.makeQueue(bound: Self.soundBound)
            )
        }
        self.sounds = sounds
        let bound = TimeBound(declared: input.declaresDuration ? input.duration : nil)
        if let video {
            let stream = try input.stream(video.index)
            let clock = PictureClock(stream)
            let rungs = plan.rungs.map {
                RungWorker($0, clock: clock, sink: sink, queue: workshop.makeQueue(bound: Self.pictureBound))
            }
            let stills = try StillWorker(plan, sink: sink, queue: workshop.makeQueue(bound: Self.stillBound))
            self.rungs = rungs
            self.stills = stills
            pictureFeed = try PictureFeed(
                stream,
                rotation: video.rotation,
                clock: clock,
                bound: bound,
                plan: plan,
                rungs: rungs.map(\.queue),
                stills: stills.queue,
                sounds: sounds.map(\.queue)
            )
        } else {
            (rungs, stills, pictureFeed) = ([], nil, nil)
        }
        soundFeeds = try zip(plan.audio, sounds).map { rendition, sound throws(MediaError) in
            try SoundFeed(input.stream(rendition.stream), bound: bound, queue: sound.queue)
        }
    }

    func run() throws(MediaError) -> TranscodeResult {
        let others = [stills].compactMap(\.self)
        try workshop.run(rungs + sounds + others) { () throws(MediaError) in try feed() }
        let video = rungs.compactMap(\.result)
        let audio = sounds.map(\.result)
        guard !(video + audio).allSatisfy(\.segments.isEmpty) else { throw Self.nothingDecoded }
        return TranscodeResult(
            video: video,
            audio: audio,
            subtitles: try writeSubtitles(along: video.first ?? audio.first { !$0.segments.isEmpty }),
            thumbnailCount: stills?.thumbnailCount ?? 0,
            storyboardTiles: stills?.tileCount ?? 0,
            duration: (audio + video).map(\.end).max() ?? 0,
            incomplete: isIncomplete
        )
    }

    private func writeSubtitles(along track: TrackResult?) throws(MediaError) -> [SubtitleResult] {
        guard let track else { return [] }
        return try subtitleFeeds.map { feed throws(MediaError) in try feed.finish(along: track, sink: sink) }
    }

    // MARK: - Feeding

    private func feed() throws(MediaError) {
        let indices = (pictureFeed == nil ? [] : [source.video?.index].compactMap(\.self)) + soundFeeds.map(\.stream)
        input.select(indices + subtitleFeeds.map(\.stream))
        let streams = try indices.map { index throws(MediaError) in try input.stream(index) }
        var clock = PresentationClock(streams, mayJump: input.mayJump)
        while workshop.failure == nil, let packet = next(), end < AcceptedMedia.maximumDuration {
            clock.adjust(packet, try input.stream(packet.streamIndex).pointee.time_base)
            try decode(packet)
            report()
        }
        try pictureFeed?.decode(nil)
        for feed in soundFeeds { try feed.decode(nil) }
        guard pictureFeed?.hasPictures == true || soundFeeds.contains(where: \.hasSound) else {
            throw Self.nothingDecoded
        }
        let end = min(self.end, AcceptedMedia.maximumDuration)
        pictureFeed?.finish(at: end)
        for feed in soundFeeds { feed.finish(at: end) }
        progress(end)
    }

    /// A file that cannot be read on ends there: what was read is still worth showing.
    private func next() -> Packet? {
        do throws(AVError) {
            return try input.read()
        } catch {
            isBroken = true
            return nil
        }
    }

    private func decode(_ packet: Packet) throws(MediaError) {
        if packet.streamIndex == source.video?.index { try pictureFeed?.decode(packet) }
        for feed in soundFeeds where feed.stream == packet.streamIndex { try feed.decode(packet) }
        for feed in subtitleFeeds where feed.stream == packet.streamIndex { feed.decode(packet) }
    }

    private func report() {
        guard end >= reported + Self.progressStep else { return }
        reported = end
        progress(end)
    }

    /// Seconds: where what was decoded ends.
    private var end: Double { soundFeeds.map(\.end).reduce(pictureFeed?.end ?? 0, max) }

    // MARK: - Judging

    private var isIncomplete: Bool {
        let isDamaged = pictureFeed?.isDamaged == true || soundFeeds.contains(where: \.isDamaged)
        let isMissing = pictureFeed?.hasPictures == false || !soundFeeds.allSatisfy(\.hasSound)
        return isBroken || isDamaged || isMissing || endsEarly
    }

    /// Containers round, and count tracks that we do not show: a second, or a fiftieth of a long one, is no loss.
    private var endsEarly: Bool {
        guard input.declaresDuration, let declared = input.duration else { return false }
        return end + max(1, declared / 50) < declared
    }

    private static let nothingDecoded = MediaError(.decodeFailed, "nothing in the file could be decoded")
}

extension InputContext {
    /// The stream that an earlier look at the same file found.
    fileprivate func stream(_ index: Int) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        let streams = self.streams
        guard streams.indices.contains(index) else {
            throw MediaError(.decodeFailed, "the file has changed: stream \(index) is gone")
        }
        return streams[index]
    }
}

extension TrackResult {
    /// Seconds.
    fileprivate var end: Double {
        guard let last = segments.last else { return 0 }
        return Double(last.start + last.duration) / Double(timescale)
    }
}
