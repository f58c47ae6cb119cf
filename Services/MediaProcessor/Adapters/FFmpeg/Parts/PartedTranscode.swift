import MediaDomain

/// One transcode: the sound in one go on threads of its own, the pictures part by part in the calling thread.
final class PartedTranscode {
    private static let soundBound = 32

    private let job: TranscodeJob
    private let found: [PartResult]
    private let workshop = Workshop()
    private let cadence: Cadence
    private let storyboard: Storyboard?
    private var sound: (reader: SoundReader, worker: SoundWorker)?
    private var isStopped = false
    private var isBrokenOff = false

    /// - Parameter finished: What earlier attempts made.
    init(_ job: TranscodeJob, finished: [PartResult]) {
        self.job = job
        found = finished
        cadence = Cadence(lead: 2 * job.plan.segmentDuration + 1, hasSound: job.plan.audio != nil)
        storyboard = job.plan.storyboard.map { Storyboard($0, sink: job.sink) }
    }

    /// - Returns: `nil` if the listener wanted no more parts.
    func run() throws(MediaError) -> TranscodeResult? {
        let input = try job.open()
        let source = try PartedSource(job, input)
        var sequence = PartSequence(
            source.parts,
            fingerprint: PartFingerprint.of(job.source, job.plan),
            found: found
        )
        let sound = try makeSound()
        self.sound = sound
        workshop.onFailure { [cadence] in cadence.close() }
        let workers: [any Worker] = sound.map { [$0.reader, $0.worker] } ?? []
        do throws(MediaError) {
            try workshop.run(workers) { () throws(MediaError) in try make(source, &sequence) }
        } catch {
            if isStopped { return nil }
            throw error
        }
        return try result(of: sequence, source)
    }

    private func makeSound() throws(MediaError) -> (reader: SoundReader, worker: SoundWorker)? {
        guard let rendition = job.plan.audio, let audio = job.source.audio else { return nil }
        let queue = workshop.makeQueue(of: SoundWorker.Message.self, bound: Self.soundBound)
        let folder = OutputLayout.audioFolder(rendition.language)
        let worker = try SoundWorker(
            rendition,
            segmentDuration: job.plan.segmentDuration,
            followsPictures: job.pictures != nil,
            output: TrackOutput(.audio(0), folder: folder, sink: job.sink, listener: job.listener),
            queue: queue
        )
        return (SoundReader(job, stream: audio.index, cadence: cadence, queue: queue), worker)
    }

    // MARK: - The parts

    private func make(_ source: PartedSource, _ sequence: inout PartSequence) throws(MediaError) {
        job.listener.planned(sequence.plans, done: sequence.results)
        for seconds in sequence.cuts { cut(at: seconds) }
        try storyboard?.restore(sequence.results.map(\.tiles))
        while let part = sequence.next, let clock = source.clock {
            let maker = PartMaker(job, source, part, before: sequence.results, storyboard, cadence) { [self] in cut(at: $0) }
            guard let made = try maker.make(in: workshop, clock: clock) else {
                isBrokenOff = true
                break
            }
            sequence.append(made)
            guard job.listener.made(made) || sequence.isComplete else {
                isStopped = true
                throw MediaError(.encodeFailed, "stopped as asked")
            }
        }
        try settle(sequence)
    }

    private func cut(at seconds: Double) { sound?.worker.queue.push(.cut(at: seconds)) }

    /// Lets the sound end where the presentation does.
    private func settle(_ sequence: PartSequence) throws(MediaError) {
        cadence.endPictures()
        if let end = sequence.results.last?.presentationEnd { return cadence.settle(on: end) }
        // No pictures, or none of those that the index promised: it ends with the sound.
        var reached = 0.0
        while let sound = cadence.sound(beyond: reached) {
            if sound.isOver {
                let pictures = sequence.results.last.map { $0.seconds($0.end) } ?? 0
                return cadence.settle(on: min(max(sound.end, pictures), AcceptedMedia.maximumDuration))
            }
            reached = sound.end
        }
    }

    // MARK: - The result

    private func result(of sequence: PartSequence, _ source: PartedSource) throws(MediaError) -> TranscodeResult {
        let video = sequence.tracks
        let audio = sound?.worker.result
        guard !video.isEmpty || audio != nil else { throw TranscodeJob.nothingDecoded }
        let end = max(sequence.results.last?.presentationEnd ?? 0, sound?.reader.end ?? 0)
        let isMissing = job.pictures != nil && video.isEmpty || sound?.reader.hasSound == false
        let isDamaged = sequence.results.contains(where: \.isDamaged) || sound?.reader.isDamaged == true
        return TranscodeResult(
            video: video,
            audio: audio,
            thumbnailCount: sequence.results.reduce(0) { $0 + $1.thumbnailCount },
            storyboardTiles: sequence.results.last?.tiles.end ?? 0,
            duration: ([audio].compactMap(\.self) + video).map(\.end).max() ?? 0,
            incomplete: isBrokenOff || isMissing || isDamaged || source.isMissingSomething(after: end)
        )
    }
}
