import MediaDomain

/// One transcode: sound and subtitles in one go, the pictures in parts, all on threads of their own.
final class PartedTranscode {
    private let job: TranscodeJob
    private let work: PartWork
    private let workshop = Workshop()
    private let cadence: Cadence
    private let storyboard: Storyboard?
    private let accompaniment: Accompaniment
    private var isStopped = false
    private var isBrokenOff = false

    init(_ job: TranscodeJob, _ work: PartWork) throws(MediaError) {
        self.job = job
        self.work = work
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
            found: work.finished
        )
        workshop.onFailure { [cadence] in cadence.close() }
        do throws(MediaError) {
            try workshop.run(accompaniment.workers) { () throws(MediaError) in
                sequence = try make(source, sequence)
            }
        } catch {
            if isStopped { return nil }
            throw error
        }
        return try result(of: sequence, source)
    }

    // MARK: - The parts

    private func make(_ source: PartedSource, _ sequence: PartSequence) throws(MediaError) -> PartSequence {
        job.listener.planned(sequence.plans, done: sequence.results, ahead: sequence.waiting)
        let crew = PartCrew(
            job,
            source,
            sequence,
            storyboard: storyboard,
            cadence: cadence,
            order: order(),
            workshop: workshop,
            slots: work.slots
        )
        try crew.run()
        isBrokenOff = crew.isBrokenOff
        isStopped = crew.isStopped
        if isStopped { throw TranscodeJob.stopped }
        try storyboard?.finish()
        settle(crew.sequence)
        return crew.sequence
    }

    private func order() -> PartOrder {
        PartOrder { [job, accompaniment, cadence] note in
            switch note {
            case .cut(let seconds): accompaniment.cut(at: seconds)
            case .reached(let seconds): cadence.advancePictures(to: seconds)
            case .segment(let segment, let number, let track, let head):
                job.listener.made(segment, number: number, of: track, head)
            }
        } progressed: { [job] in
            job.listener.progressed(to: $0)
        }
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
            storyboardTiles: storyboard?.tileCount ?? 0,
            duration: (audio + video).map(\.end).max() ?? 0,
            incomplete: isMissing || isDamaged || source.isMissingSomething(after: end)
        )
    }
}
