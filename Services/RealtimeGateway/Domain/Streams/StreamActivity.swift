package import EventSchema

/// The figures of one stream.
package struct StreamActivity: Sendable {
    package var viewers = StreamViewers()
    package var messages = SlidingCount()
    package var reactions = SlidingCount()

    package init() {}

    /// What contract 4's `analytics:update` has.
    package mutating func figures(at now: Timestamp) -> JSONObject {
        [
            "viewers": .integer(Int64(viewers.count)),
            "peak_viewers": .integer(Int64(viewers.peak)),
            "messages_per_minute": .integer(Int64(messages.perMinute(at: now))),
            "reactions_per_minute": .integer(Int64(reactions.perMinute(at: now))),
            "average_watch_time": .integer(viewers.averageWatchTime(at: now)),
        ]
    }
}
