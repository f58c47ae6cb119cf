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
    private let sound: SoundWorker?
    private let pictureFeed: PictureFeed?
    private let soundFeed: SoundFeed?
    private let progress: (Double) -> Void
    private var reported = 0.0
    private var isBroken = false
    private var packets = 0

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
        let workshop = self.workshop
        let video = plan.rungs.isEmpty ? nil : source.video
        sound = try plan.audio.map { rendition throws(MediaError) in
            try SoundWorker(
                rendition,
                segmentDuration: plan.segmentDuration,
                followsPictures: video != nil,
                sink: sink,
                queue: workshop.makeQueue(bound: Self.soundBound)
            )
        }
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
                sound: sound?.queue
            )
        } else {
            (rungs, stills, pictureFeed) = ([], nil, nil)
        }
        if let audio = source.audio, let sound {
            soundFeed = try SoundFeed(input.stream(audio.index), bound: bound, queue: sound.queue)
        } else {
            soundFeed = nil
        }
    }

    func run() throws(MediaError) -> TranscodeResult {
        let others: [(any Worker)?] = [sound, stills]
        try workshop.run(rungs + others.compactMap(\.self)) { () throws(MediaError) in try feed() }
        let video = rungs.compactMap(\.result)
        let audio = sound?.result
        guard !video.isEmpty || audio != nil else { throw Self.nothingDecoded }
        return TranscodeResult(
            video: video,
            audio: audio,
            thumbnailCount: stills?.thumbnailCount ?? 0,
            storyboardTiles: stills?.tileCount ?? 0,
            duration: ([audio].compactMap(\.self) + video).map(\.end).max() ?? 0,
            incomplete: isIncomplete
        )
    }

    // MARK: - Feeding

    private func feed() throws(MediaError) {
        let chosen = [pictureFeed == nil ? nil : source.video?.index, soundFeed == nil ? nil : source.audio?.index]
        let indices = chosen.compactMap(\.self)
        input.select(indices)
        let streams = try indices.map { index throws(MediaError) in try input.stream(index) }
        var clock = PresentationClock(streams, mayJump: input.mayJump)
        while workshop.failure == nil, let packet = try next(), end < AcceptedMedia.maximumDuration {
            clock.adjust(packet, try input.stream(packet.streamIndex).pointee.time_base)
            try count()
            try decode(packet)
            report()
        }
        try pictureFeed?.decode(nil)
        try soundFeed?.decode(nil)
        guard pictureFeed?.hasPictures == true || soundFeed?.hasSound == true else { throw Self.nothingDecoded }
        let end = min(self.end, AcceptedMedia.maximumDuration)
        pictureFeed?.finish(at: end)
        soundFeed?.finish(at: end)
        progress(end)
    }

    /// A file that cannot be read on ends there: what was read is still worth showing.
    ///
    /// - Throws: ``MediaError`` `source_unavailable` if that was not the file's fault.
    private func next() throws(MediaError) -> Packet? {
        let packet: Packet?
        do throws(AVError) {
            packet = try input.read()
        } catch {
            isBroken = true
            packet = nil
        }
        // Demuxers take an end for what is only a failure to read on.
        if packet == nil, let failure = input.sourceFailure { throw failure }
        return packet
    }

    /// However small a file, it does not keep us decoding for ever.
    private func count() throws(MediaError) {
        packets += 1
        guard packets > MediaLimits.firstFrames + Int(end) * MediaLimits.framesPerSecond else { return }
        throw MediaError(.tooLarge, "the file holds \(packets) pictures and blocks of sound in \(Int(end)) s")
    }

    private func decode(_ packet: Packet) throws(MediaError) {
        if packet.streamIndex == source.video?.index { try pictureFeed?.decode(packet) }
        if packet.streamIndex == source.audio?.index { try soundFeed?.decode(packet) }
    }

    private func report() {
        guard end >= reported + Self.progressStep else { return }
        reported = end
        progress(end)
    }

    /// Seconds: where what was decoded ends.
    private var end: Double { max(pictureFeed?.end ?? 0, soundFeed?.end ?? 0) }

    // MARK: - Judging

    private var isIncomplete: Bool {
        let isDamaged = pictureFeed?.isDamaged == true || soundFeed?.isDamaged == true
        let isMissing = pictureFeed?.hasPictures == false || soundFeed?.hasSound == false
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
