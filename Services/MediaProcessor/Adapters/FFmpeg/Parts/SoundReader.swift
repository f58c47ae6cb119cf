import MediaDomain

/// Reads and decodes sound and subtitles from beginning to end, in step with the pictures.
///
/// `@unchecked Sendable`: its state belongs to the thread that runs it; the results are read after that has ended.
final class SoundReader: Worker, @unchecked Sendable {
    let name = "sound reader"
    private let job: TranscodeJob
    private let cadence: Cadence
    private let queues: [BoundedQueue<SoundWorker.Message>]
    private var sounds: [SoundFeed] = []
    private(set) var subtitles: [SubtitleFeed] = []
    private var isBroken = false

    /// - Parameter queues: In the order of the plan's sound renditions.
    init(_ job: TranscodeJob, cadence: Cadence, queues: [BoundedQueue<SoundWorker.Message>]) {
        self.job = job
        self.cadence = cadence
        self.queues = queues
    }

    var isDamaged: Bool { isBroken || sounds.contains(where: \.isDamaged) }
    /// Whether something was heard in every track.
    var hasAll: Bool { sounds.allSatisfy(\.hasSound) }
    /// Seconds: where the sound ends.
    var end: Double { sounds.map(\.end).max() ?? 0 }

    func run() throws(MediaError) {
        let input = try job.open()
        sounds = try zip(job.plan.audio, queues).map { rendition, queue throws(MediaError) in
            try SoundFeed(input.stream(rendition.stream), bound: job.bound(input), queue: queue)
        }
        subtitles = try job.plan.subtitles.map { rendition throws(MediaError) in
            SubtitleFeed(try input.stream(rendition.stream), rendition: rendition)
        }
        let clock = try job.prepare(input, toRead: sounds.map(\.stream) + subtitles.map(\.stream))
        var reading = SourceReading(input, clock: clock)
        while end < AcceptedMedia.maximumDuration, let packet = try reading.next() {
            for feed in sounds where feed.stream == packet.streamIndex { try feed.decode(packet) }
            for feed in subtitles where feed.stream == packet.streamIndex { feed.decode(packet) }
            if job.pictures == nil { job.listener.progressed(to: end) }
            guard cadence.admitSound(after: end) else { return }
        }
        for feed in sounds { try feed.decode(nil) }
        isBroken = reading.isBroken
        guard let end = cadence.endSound(at: end) else { return }
        for feed in sounds { feed.finish(at: end) }
    }
}
