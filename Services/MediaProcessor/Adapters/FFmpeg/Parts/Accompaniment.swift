import MediaDomain

/// What is made besides the pictures: the sound in all languages and the subtitles, by one reader.
final class Accompaniment {
    /// Blocks of sound on their way to one rendition.
    private static let soundBound = 32

    private let job: TranscodeJob
    private let sounds: [SoundWorker]
    private let reader: SoundReader?

    init(_ job: TranscodeJob, cadence: Cadence, workshop: Workshop) throws(MediaError) {
        self.job = job
        let sounds = try job.plan.audio.enumerated().map { index, rendition throws(MediaError) in
            let folder = OutputLayout.audioFolder(rendition.name)
            return try SoundWorker(
                rendition,
                grid: job.plan.grid,
                followsPictures: job.pictures != nil,
                output: TrackOutput(.audio(index), folder: folder, sink: job.sink, listener: job.listener),
                queue: workshop.makeQueue(bound: Self.soundBound)
            )
        }
        self.sounds = sounds
        if job.pictures == nil { sounds.first?.waveform = Waveform() }
        let isNeeded = !sounds.isEmpty || !job.plan.subtitles.isEmpty
        reader = isNeeded ? SoundReader(job, cadence: cadence, queues: sounds.map(\.queue)) : nil
    }

    var workers: [any Worker] { sounds + [reader].compactMap(\.self) }

    /// A segment of the pictures starts there, in seconds.
    func cut(at seconds: Double) {
        for sound in sounds { sound.queue.push(.cut(at: seconds)) }
    }

    // MARK: Once all has ended

    /// In the order of the plan's sound renditions.
    var tracks: [TrackResult] { sounds.map(\.result) }
    var isDamaged: Bool { reader?.isDamaged == true }
    /// Whether there was something to hear in every track.
    var hasAll: Bool { reader?.hasAll ?? true }
    /// Seconds: where the sound ends.
    var end: Double { reader?.end ?? 0 }

    /// Stores the poster of sound alone.
    ///
    /// - Returns: How many thumbnails there are.
    func writePoster() throws(MediaError) -> Int {
        guard let waveform = sounds.first?.waveform else { return 0 }
        return try SoundPoster(job: job).write(waveform)
    }

    /// Stores the subtitles, cut where `track` is.
    func writeSubtitles(along track: TrackResult?) throws(MediaError) -> [SubtitleResult] {
        guard let track else { return [] }
        return try (reader?.subtitles ?? []).map { feed throws(MediaError) in
            try feed.finish(along: track, sink: job.sink)
        }
    }
}
