/// How far a job is.
package struct JobProgress: Sendable, Hashable, Codable {
    /// What is being done, as `media.progress` spells it.
    package enum Stage: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
        case probing, transcoding, packaging, publishing

        package static func < (earlier: Stage, later: Stage) -> Bool {
            earlier.order < later.order
        }

        private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package var stage: Stage
    /// Of the whole job, 0 to 100.
    package var percent: Double
    /// Seconds until it is done, as far as can be told.
    package var etaSeconds: Double?
    /// The parts of a source that is worked on in parts.
    package var parts: Parts?

    /// How many parts there are, and how many of them are done.
    package struct Parts: Sendable, Hashable, Codable {
        package var done: Int
        package var total: Int

        package init(done: Int, total: Int) {
            self.done = done
            self.total = total
        }
    }

    package init(stage: Stage, percent: Double, etaSeconds: Double? = nil, parts: Parts? = nil) {
        self.stage = stage
        self.percent = percent
        self.etaSeconds = etaSeconds
        self.parts = parts
    }
}
