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

    package init(stage: Stage, percent: Double, etaSeconds: Double? = nil) {
        self.stage = stage
        self.percent = percent
        self.etaSeconds = etaSeconds
    }
}
