/// How a job ended.
package enum JobOutcome: Sendable, Hashable {
    /// Everything is stored and playable.
    case made(AssetDescription)
    case failed(MediaError)
    /// A newer upload of the media is published: this is what can be watched.
    case replaced(AssetDescription)
    /// It was stopped because the service is; somebody else is to do it.
    case interrupted
    /// It stopped behind a part because it was asked to; what it made is kept.
    case yielded
    /// Its worker was killed from outside, which says nothing about the media.
    case killed(MediaError)
}
