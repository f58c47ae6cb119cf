import MediaDomain

/// Makes one part: in one pass over its pictures or, the opening, in two.
struct PartMaker {
    private let job: TranscodeJob
    private let lane: PartLane
    private let context: PartPass.Context
    private let cadence: Cadence
    private let clock: PictureClock
    private let workshop: Workshop

    /// - Parameter context: What the parts before it have settled.
    init(
        _ job: TranscodeJob,
        lane: PartLane,
        context: PartPass.Context,
        cadence: Cadence,
        clock: PictureClock,
        workshop: Workshop
    ) {
        self.job = job
        self.lane = lane
        self.context = context
        self.cadence = cadence
        self.clock = clock
        self.workshop = workshop
    }

    private var part: PartPlan { lane.part }

    /// - Returns: `nil` if the part has no pictures.
    func make() throws(MediaError) -> PartResult? {
        if let copied = job.plan.rungs.firstIndex(where: \.copies) { return try copy(copied) }
        let all = Array(job.plan.rungs.indices)
        // The lowest rung of the opening alone: there is something to watch long before the others are made.
        let first = part.index == 0 ? Array(all.suffix(1)) : all
        let rest = all.filter { !first.contains($0) }
        guard let main = try part.index == 0 ? hastyPass(first) : pass(first, context, isMain: true) else { return nil }
        var tracks = Dictionary(uniqueKeysWithValues: zip(first, main.tracks))
        if !rest.isEmpty {
            var context = context
            context.before.colors = main.colors
            context.presentationEnd = main.presentationEnd
            guard let other = try pass(rest, context, isMain: false, tellsCuts: false) else { return nil }
            tracks.merge(zip(rest, other.tracks)) { one, _ in one }
        }
        return result(of: main, all.compactMap { tracks[$0] })
    }

    /// The pass for which viewers wait: several threads decode, as long as nothing is damaged.
    private func hastyPass(_ rungs: [Int]) throws(MediaError) -> PassResult? {
        var hasty = context
        hasty.decodingThreads = job.decodingThreads
        do throws(MediaError) {
            return try pass(rungs, hasty, isMain: true)
        } catch {
            guard error == TranscodeJob.doubtful else { throw error }
            return try pass(rungs, context, isMain: true)
        }
    }

    /// Copies one rung and encodes the others; in the opening, the copy comes first: nothing is sooner there.
    private func copy(_ rung: Int) throws(MediaError) -> PartResult? {
        let rest = job.plan.rungs.indices.filter { $0 != rung }
        var context = context
        var copied: PassResult?
        if part.index == 0, part.end != nil {
            let first = try copyPass(rung, context)
            lane.cut(at: Double(first.end) / Double(clock.timescale))
            copied = first
        }
        guard let main = try pass(rest, context, isMain: true, tellsCuts: copied == nil) else { return nil }
        context.presentationEnd = main.presentationEnd
        let made: PassResult
        if let copied { made = copied } else { made = try copyPass(rung, context) }
        let counts = main.tracks.map(\.segments.count) + made.tracks.map(\.segments.count)
        guard made.start == main.start, made.end == main.end, Set(counts).count == 1 else {
            throw TranscodeJob.cannotCopy
        }
        var tracks = Dictionary(uniqueKeysWithValues: zip(rest, main.tracks))
        tracks[rung] = made.tracks.first
        return result(
            of: rest.isEmpty ? main.counting(made) : main,
            job.plan.rungs.indices.compactMap { tracks[$0] }
        )
    }

    private func copyPass(_ rung: Int, _ context: PartPass.Context) throws(MediaError) -> PassResult {
        try CopyPass(job, lane: lane, rung: rung, context: context, clock: clock, workshop).run()
    }

    private func pass(
        _ rungs: [Int],
        _ context: PartPass.Context,
        isMain: Bool,
        tellsCuts: Bool = true
    ) throws(MediaError) -> PassResult? {
        try workshop.nested { inner throws(MediaError) in
            try PartPass(
                job,
                lane: lane,
                rungs: rungs,
                context: context,
                isMain: isMain,
                tellsCuts: tellsCuts,
                cadence: cadence,
                clock: clock,
                workshop: inner
            ).run()
        }
    }

    private func result(of pass: PassResult, _ tracks: [PartTrack]) -> PartResult {
        PartResult(
            plan: part,
            fingerprint: PartFingerprint.of(job.source, job.plan),
            video: tracks,
            timescale: clock.timescale,
            start: pass.start,
            end: pass.end,
            pictures: pass.pictures,
            colors: pass.colors,
            thumbnailCount: pass.thumbnailCount,
            tiles: pass.tiles,
            isDamaged: pass.isDamaged,
            presentationEnd: pass.presentationEnd
        )
    }
}

extension PassResult {
    /// The same result with another's count of pictures: keyframes alone were decoded.
    fileprivate func counting(_ other: PassResult) -> PassResult {
        var result = self
        result.pictures = other.pictures
        return result
    }
}
