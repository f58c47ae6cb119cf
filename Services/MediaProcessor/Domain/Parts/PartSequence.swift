/// The parts of a source that are done, in order and without a gap.
package struct PartSequence: Sendable {
    package let plans: [PartPlan]
    private let fingerprint: String
    package private(set) var results: [PartResult] = []

    /// - Parameter found: What earlier attempts made, in any order: as much of it as belongs here is taken.
    package init(_ plans: [PartPlan], fingerprint: String, found: [PartResult] = []) {
        self.plans = plans
        self.fingerprint = fingerprint
        for plan in plans {
            guard !isComplete, let result = found.first(where: { $0.plan == plan }), fits(result) else { break }
            results.append(result)
        }
    }

    /// The part to be made now; `nil` when all are.
    package var next: PartPlan? { isComplete ? nil : plans[results.count] }

    /// Whether the source's pictures are over, be it before the last part that was planned.
    package var isComplete: Bool { results.last?.presentationEnd != nil || results.count == plans.count }

    package mutating func append(_ result: PartResult) { results.append(result) }

    private func fits(_ result: PartResult) -> Bool {
        guard result.fingerprint == fingerprint else { return false }
        guard let last = results.last else { return result.plan.index == 0 }
        return result.start == last.end && result.video.map(\.head) == last.video.map(\.head)
    }
}

extension PartSequence {
    /// The tracks that the parts make together, in the order of the plan's rungs.
    package var tracks: [TrackResult] {
        guard let first = results.first else { return [] }
        return first.video.indices.map { rung in
            let head = first.video[rung].head
            return TrackResult(
                codecs: head.codecs,
                timescale: head.timescale,
                frameRate: averageFrameRate(head),
                initSize: head.initSize,
                segments: results.flatMap { $0.video[rung].segments }
            )
        }
    }

    /// Seconds: where segments start, as far as that is known; the first one's start is no cut.
    package var cuts: [Double] {
        let starts = results.flatMap { result in
            (result.video.first?.segments ?? []).filter { $0.start > 0 }.map { result.seconds($0.start) }
        }
        guard let last = results.last, last.presentationEnd == nil else { return starts }
        return starts + [last.seconds(last.end)]
    }

    /// From the second picture to the last: how long the first and the last one stand says nothing about the rate.
    private func averageFrameRate(_ head: TrackHead) -> Double? {
        let nominal = head.frameRate
        let count = results.reduce(0) { $0 + $1.pictures.count }
        guard let second = results.compactMap(\.pictures.second).first, let last = results.last?.pictures.last,
            last > second
        else { return nominal }
        let measured = Double(count - 2) * Double(head.timescale) / Double(last - second)
        // Times in whole milliseconds do not make another rate.
        if let nominal, abs(measured / nominal - 1) < 0.005 { return nominal }
        return measured
    }
}

extension PartResult {
    package func seconds(_ ticks: Int64) -> Double { Double(ticks) / Double(timescale) }
}
