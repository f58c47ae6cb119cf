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

    /// Parts of a source that are encoded by themselves.
    package struct Parts: Sendable, Hashable, Codable {
        package var done: Int
        /// At most.
        package var total: Int

        package init(done: Int, total: Int) {
            self.done = done
            self.total = total
        }
    }

    package var stage: Stage
    /// Of the whole job, 0 to 100.
    package var percent: Double
    /// Seconds until it is done, as far as can be told.
    package var etaSeconds: Double?
    /// `nil` before they are planned, and for sound alone.
    package var parts: Parts?
    /// Whether it can be watched already, as far as it is made.
    package var isPlayable: Bool?

    package init(
        stage: Stage,
        percent: Double,
        etaSeconds: Double? = nil,
        parts: Parts? = nil,
        isPlayable: Bool? = nil
    ) {
        self.stage = stage
        self.percent = percent
        self.etaSeconds = etaSeconds
        self.parts = parts
        self.isPlayable = isPlayable
    }
}
