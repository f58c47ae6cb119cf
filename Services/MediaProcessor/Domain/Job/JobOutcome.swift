/// How a job ended.
package enum JobOutcome: Sendable, Hashable {
    /// Everything is stored and playable.
    case made(AssetDescription)
    case failed(MediaError)
    /// It was stopped because the service is; somebody else is to do it.
    case interrupted
}
