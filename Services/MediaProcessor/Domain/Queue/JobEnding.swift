/// How a job ends, for whoever asks later.
package struct JobEnding: Sendable, Hashable {
    /// `made`, `replaced`, `cancelled`, or the reason of the failure.
    package var word: String
    /// A sentence for people, where something went wrong.
    package var message: String?
    /// What can be watched.
    package var result: JobResult?

    package init(word: String, message: String? = nil, result: JobResult? = nil) {
        self.word = word
        self.message = message
        self.result = result
    }

    package static func made(_ asset: AssetDescription) -> JobEnding {
        JobEnding(word: "made", result: JobResult(asset))
    }

    /// A newer upload of the media was made before this one could be.
    package static func replaced(by asset: AssetDescription) -> JobEnding {
        JobEnding(
            word: "replaced",
            message: "a newer upload of this media is published",
            result: JobResult(asset)
        )
    }

    package static func failed(_ error: MediaError) -> JobEnding {
        JobEnding(word: error.reason.rawValue, message: error.message)
    }
}

/// What was made, as far as the list of jobs shows it.
package struct JobResult: Sendable, Hashable, Codable {
    package var prefix: String
    /// Seconds.
    package var duration: Double
    package var incomplete: Bool
    /// Best first.
    package var rungs: [String]
    package var thumbnails: Int
    package var hasPoster: Bool
    package var hasStoryboard: Bool

    package init(_ asset: AssetDescription) {
        prefix = asset.prefix
        duration = asset.duration
        incomplete = asset.incomplete
        rungs = asset.video.map(\.name)
        thumbnails = asset.thumbnails
        hasPoster = asset.hasPoster
        hasStoryboard = asset.hasStoryboard
    }
}

/// Why a job is given back.
package enum JobPause: Sendable, Hashable {
    /// It failed in a way that may pass; counts as an attempt.
    case retry(MediaError)
    /// The service stops.
    case interrupted
    /// Others wait, and this one has had its turn.
    case yielded
}
