import MediaDomain

/// One transcode: sound and subtitles in one go on threads of their own, the pictures part by part in the calling thread.
final class PartedTranscode {
    private let job: TranscodeJob
    private let found: [PartResult]
    private let workshop = Workshop()
    private let cadence: Cadence
    private let storyboard: Storyboard?
    private let accompaniment: Accompaniment
    private var isStopped = false
    private var isBrokenOff = false

    /// - Parameter finished: What earlier attempts made.
    init(_ job: TranscodeJob, finished: [PartResult]) throws(MediaError) {
        self.job = job
        found = finished
        cadence = Cadence(lead: 2 * job.plan.segmentDuration + 1, hasSound: !job.plan.audio.isEmpty)
        storyboard = job.plan.storyboard.map { Storyboard($0, sink: job.sink) }
        accompaniment = try Accompaniment(job, cadence: cadence, workshop: workshop)
    }

    /// - Returns: `nil` if the listener wanted no more parts.
    func run() throws(MediaError) -> TranscodeResult? {
        let source = try PartedSource(job, job.open())
        var sequence = PartSequence(
            source.parts,
            fingerprint: PartFingerprint.of(job.source, job.plan),
            found: found
        )
        workshop.onFailure { [cadence] in cadence.close() }
        do throws(MediaError) {
            try workshop.run(accompaniment.workers) { () throws(MediaError) in try make(source, &sequence) }
        } catch {
            if isStopped { return nil }
            throw error
        }
        return try result(of: sequence, source)
    }

    // MARK: - The parts

    private func make(_ source: PartedSource, _ sequence: inout PartSequence) throws(MediaError) {
        job.listener.planned(sequence.plans, done: sequence.results)
        for seconds in sequence.cuts { accompaniment.cut(at: seconds) }
        try storyboard?.restore(sequence.results.map(\.tiles))
        while let part = sequence.next, let clock = source.clock {
            let maker = PartMaker(job, source, part, before: sequence.results, storyboard, cadence) { [accompaniment] in
                accompaniment.cut(at: $0)
            }
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
        try storyboard?.finish()
        settle(sequence)
    }

    /// Lets the sound end where the presentation does.
    private func settle(_ sequence: PartSequence) {
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
        let audio = accompaniment.tracks
        guard !(video + audio).allSatisfy(\.segments.isEmpty) else { throw TranscodeJob.nothingDecoded }
        let end = max(sequence.results.last?.presentationEnd ?? 0, accompaniment.end)
        let isMissing = isBrokenOff || job.pictures != nil && video.isEmpty || !accompaniment.hasAll
        let isDamaged = accompaniment.isDamaged || sequence.results.contains(where: \.isDamaged)
        return TranscodeResult(
            video: video,
            audio: audio,
            subtitles: try accompaniment.writeSubtitles(along: video.first ?? audio.first { !$0.segments.isEmpty }),
            thumbnailCount: sequence.results.reduce(try accompaniment.writePoster()) { $0 + $1.thumbnailCount },
            storyboardTiles: sequence.results.last?.tiles.end ?? 0,
            duration: (audio + video).map(\.end).max() ?? 0,
            incomplete: isMissing || isDamaged || source.isMissingSomething(after: end)
        )
    }
}
