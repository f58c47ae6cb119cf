import CoreMetrics

/// What the Phoenix protocol counts.
struct PhoenixMetrics: Sendable {
    private let joins = Counter(label: "realtime_phoenix_joins")
    private let refusals = Counter(label: "realtime_phoenix_joins_refused")
    private let crashes = Counter(label: "realtime_phoenix_channel_crashes")
    private let refreshes = Counter(label: "realtime_phoenix_token_refreshes", dimensions: [("result", "ok")])
    private let badRefreshes = Counter(label: "realtime_phoenix_token_refreshes", dimensions: [("result", "refused")])
    private let malformed = Counter(label: "realtime_phoenix_malformed_frames")

    func joined() { joins.increment() }

    func joinRefused() { refusals.increment() }

    func channelCrashed() { crashes.increment() }

    func tokenRefreshed() { refreshes.increment() }

    func tokenRefreshRefused() { badRefreshes.increment() }

    func frameMalformed() { malformed.increment() }
}
