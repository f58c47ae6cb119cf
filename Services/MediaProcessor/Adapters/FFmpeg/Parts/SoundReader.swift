import MediaDomain

/// Reads and decodes the sound from beginning to end, in step with the pictures.
///
/// `@unchecked Sendable`: its state belongs to the thread that runs it; the results are read after that has ended.
final class SoundReader: Worker, @unchecked Sendable {
    let name = "sound reader"
    private let job: TranscodeJob
    private let cadence: Cadence
    private let stream: Int
    private let queue: BoundedQueue<SoundWorker.Message>
    private(set) var isDamaged = false
    private(set) var hasSound = false
    /// Seconds: where the sound ends.
    private(set) var end = 0.0

    init(_ job: TranscodeJob, stream: Int, cadence: Cadence, queue: BoundedQueue<SoundWorker.Message>) {
        self.job = job
        self.stream = stream
        self.cadence = cadence
        self.queue = queue
    }

    func run() throws(MediaError) {
        let input = try job.open()
        let clock = try job.prepare(input, toRead: [stream])
        let feed = try SoundFeed(input.stream(stream), bound: job.bound(input), queue: queue)
        var reading = SourceReading(input, clock: clock)
        while feed.end < AcceptedMedia.maximumDuration, let packet = try reading.next() {
            guard packet.streamIndex == stream else { continue }
            try feed.decode(packet)
            if job.pictures == nil { job.listener.progressed(to: feed.end) }
            guard cadence.admitSound(after: feed.end) else { return }
        }
        try feed.decode(nil)
        isDamaged = feed.isDamaged || reading.isBroken
        hasSound = feed.hasSound
        end = feed.end
        if let end = cadence.endSound(at: feed.end) { feed.finish(at: end) }
    }
}
