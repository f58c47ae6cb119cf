import CoreMetrics

/// What the Phoenix protocol counts.
struct PhoenixMetrics: Sendable {
    private let joins = Counter(label: "realtime_phoenix_joins")
    private let refusals = Counter(label: "realtime_phoenix_joins_refused")
    private let crashes = Counter(label: "realtime_phoenix_channel_crashes")
    private let malformed = Counter(label: "realtime_phoenix_malformed_frames")

    func joined() { joins.increment() }

    func joinRefused() { refusals.increment() }

    func channelCrashed() { crashes.increment() }

    func frameMalformed() { malformed.increment() }
}
