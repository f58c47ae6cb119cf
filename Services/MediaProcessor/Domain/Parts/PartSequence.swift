/// The parts of a source: those that are joined, in order and without a gap, and those that were made before their turn.
package struct PartSequence: Sendable {
    /// What comes of the part whose turn it is.
    package enum Junction: Sendable, Hashable {
        case joined(PartResult)
        /// It does not start where the one before ends, or is not of the same kind: it has to be made anew.
        case misfit(PartPlan)
    }

    package let plans: [PartPlan]
    private let fingerprint: String
    /// The joined ones.
    package private(set) var results: [PartResult] = []
    private var ahead: [Int: PartResult] = [:]

    /// - Parameter found: What earlier attempts made, in any order: what belongs here is taken, and joined as far as it goes.
    package init(_ plans: [PartPlan], fingerprint: String, found: [PartResult] = []) {
        self.plans = plans
        self.fingerprint = fingerprint
        for result in found where result.fingerprint == fingerprint && plans.contains(result.plan) { add(result) }
        while case .joined = join() {}
    }

    /// Whether the source's pictures are over, be it before the last part that was planned.
    package var isComplete: Bool { results.last?.presentationEnd != nil || results.count == plans.count }

    /// The part whose turn it is to be joined; `nil` when all are.
    package var front: PartPlan? { isComplete ? nil : plans[results.count] }

    /// Those that were made before their turn, in order.
    package var waiting: [PartResult] { ahead.values.sorted { $0.plan.index < $1.plan.index } }

    /// Whether a part is made, joined or not.
    package func isMade(_ index: Int) -> Bool { index < results.count || ahead[index] != nil }

    package mutating func add(_ result: PartResult) { ahead[result.plan.index] = result }

    /// Joins the part whose turn it is; `nil` if that is not made.
    package mutating func join() -> Junction? {
        guard let front, let result = ahead.removeValue(forKey: front.index) else { return nil }
        guard fits(result) else { return .misfit(front) }
        results.append(result)
        return .joined(result)
    }

    /// What whoever makes a part now has to know of those before.
    package func context(of part: PartPlan) -> PartContext {
        PartContext(
            expectedStart: part.index == results.count ? results.last?.end : nil,
            colors: results.first?.colors,
            heads: results.first?.video.map(\.head) ?? []
        )
    }

    private func fits(_ result: PartResult) -> Bool {
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

    /// Seconds: where segments start, the next part's first among them; the part's own first was told before.
    package var cuts: [Double] {
        let starts = (video.first?.segments ?? []).dropFirst().map { seconds($0.start) }
        return presentationEnd == nil ? starts + [seconds(end)] : starts
    }
}
