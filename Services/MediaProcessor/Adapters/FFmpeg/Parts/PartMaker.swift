import MediaDomain

/// Makes one part: in one pass over its pictures or, the opening, in two.
struct PartMaker {
    private let job: TranscodeJob
    private let source: PartedSource
    private let part: PartPlan
    private let before: [PartResult]
    private let storyboard: Storyboard?
    private let cadence: Cadence
    private let cut: (Double) -> Void

    /// - Parameters:
    ///   - before: The parts before it.
    ///   - cut: Told where segments start, in seconds.
    init(
        _ job: TranscodeJob,
        _ source: PartedSource,
        _ part: PartPlan,
        before: [PartResult],
        _ storyboard: Storyboard?,
        _ cadence: Cadence,
        cut: @escaping (Double) -> Void
    ) {
        self.job = job
        self.source = source
        self.part = part
        self.before = before
        self.storyboard = storyboard
        self.cadence = cadence
        self.cut = cut
    }

    /// - Returns: `nil` if the part has no pictures.
    func make(in workshop: Workshop, clock: PictureClock) throws(MediaError) -> PartResult? {
        if let copied = job.plan.rungs.firstIndex(where: \.copies) {
            return try copy(copied, in: workshop, clock: clock)
        }
        storyboard?.beginPart()
        let all = Array(job.plan.rungs.indices)
        // The lowest rung of the opening alone: there is something to watch long before the others are made.
        let first = part.index == 0 ? Array(all.suffix(1)) : all
        let rest = all.filter { !first.contains($0) }
        var context = PassContext(before, isSeekable: source.isSeekable)
        guard let main = try pass(first, context, isMain: true, workshop, clock, cut: cut) else { return nil }
        var tracks = Dictionary(uniqueKeysWithValues: zip(first, main.tracks))
        if !rest.isEmpty {
            context.colors = main.colors
            context.presentationEnd = main.presentationEnd
            guard let other = try pass(rest, context, isMain: false, workshop, clock, cut: { _ in }) else { return nil }
            tracks.merge(zip(rest, other.tracks)) { one, _ in one }
        }
        return result(of: main, all.compactMap { tracks[$0] }, clock)
    }

    /// Copies one rung and encodes the others; in the opening, the copy comes first: nothing is sooner there.
    private func copy(_ rung: Int, in workshop: Workshop, clock: PictureClock) throws(MediaError) -> PartResult? {
        storyboard?.beginPart()
        let rest = job.plan.rungs.indices.filter { $0 != rung }
        var context = PassContext(before, isSeekable: source.isSeekable)
        var copied: PassResult?
        if part.index == 0, part.end != nil {
            let first = try CopyPass(job, part: part, rung: rung, context: context, clock: clock, workshop).run()
            cut(Double(first.end) / Double(clock.timescale))
            copied = first
        }
        let isCut = copied != nil
        guard
            let main = try pass(rest, context, isMain: true, workshop, clock, cut: isCut ? { _ in } : cut)
        else { return nil }
        context.presentationEnd = main.presentationEnd
        let made: PassResult
        if let copied {
            made = copied
        } else {
            made = try CopyPass(job, part: part, rung: rung, context: context, clock: clock, workshop).run()
        }
        let counts = main.tracks.map(\.segments.count) + made.tracks.map(\.segments.count)
        guard made.start == main.start, made.end == main.end, Set(counts).count == 1 else {
            throw TranscodeJob.cannotCopy
        }
        var tracks = Dictionary(uniqueKeysWithValues: zip(rest, main.tracks))
        tracks[rung] = made.tracks.first
        return result(
            of: rest.isEmpty ? main.counting(made) : main,
            job.plan.rungs.indices.compactMap { tracks[$0] },
            clock
        )
    }

    private typealias PassContext = PartPass.Context

    private func pass(
        _ rungs: [Int],
        _ context: PassContext,
        isMain: Bool,
        _ workshop: Workshop,
        _ clock: PictureClock,
        cut: @escaping (Double) -> Void
    ) throws(MediaError) -> PassResult? {
        try workshop.nested { inner throws(MediaError) in
            try PartPass(
                job,
                part: part,
                rungs: rungs,
                context: context,
                storyboard: storyboard,
                makesStills: isMain,
                cadence: cadence,
                clock: clock,
                workshop: inner,
                cut: cut
            ).run()
        }
    }

    private func result(of pass: PassResult, _ tracks: [PartTrack], _ clock: PictureClock) -> PartResult {
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
            tiles: storyboard?.partTiles ?? PartTiles(first: 0, count: 0),
            isDamaged: pass.isDamaged,
            presentationEnd: pass.presentationEnd
        )
    }
}

extension PartPass.Context {
    fileprivate init(_ before: [PartResult], isSeekable: Bool) {
        self.isSeekable = isSeekable
        expectedStart = before.last?.end
        colors = before.first?.colors
        heads = before.first?.video.map(\.head) ?? []
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
