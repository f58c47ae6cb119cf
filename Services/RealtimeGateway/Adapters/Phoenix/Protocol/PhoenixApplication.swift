package import RealtimeHTTP

/// What all Phoenix connections of a node share.
package final class PhoenixApplication: Sendable {
    let hub: Hub
    let router: ChannelRouter
    let presence: PresenceTracker
    let metrics = PhoenixMetrics()
    /// Topics one connection may have joined at once.
    let maximumChannels: Int

    package init(hub: Hub, router: ChannelRouter, presence: PresenceTracker, maximumChannels: Int = 100) {
        self.hub = hub
        self.router = router
        self.presence = presence
        self.maximumChannels = maximumChannels
    }
}
