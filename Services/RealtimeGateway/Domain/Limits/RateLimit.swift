/// So many of something within so long.
package struct RateLimit: Sendable, Hashable {
    package var count: Int
    package var interval: Duration

    /// - Parameter count: 0 for no limit.
    package init(_ count: Int, per interval: Duration) {
        self.count = count
        self.interval = interval
    }
}
