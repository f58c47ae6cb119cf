import ArgumentParser

/// So many in a time: `10/s`, `30/m`.
struct Rate: Sendable, Hashable, ExpressibleByArgument {
    /// Between one and the next.
    let interval: Duration

    init?(argument text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let units: [Substring: Duration] = ["s": .seconds(1), "m": .seconds(60)]
        guard parts.count <= 2, let count = Int(parts.first ?? ""), (1...1_000_000).contains(count),
            let unit = units[parts.count == 2 ? parts[1] : "s"]
        else { return nil }
        interval = unit / count
    }
}

/// Keeps work down to a rate: no two begin closer to one another than its interval.
struct Pace: Sendable {
    private let rate: Rate?
    private var next = ContinuousClock.now

    init(_ rate: Rate?) {
        self.rate = rate
    }

    /// Waits until the next may begin.
    mutating func wait() async throws {
        guard let rate else { return }
        if next > .now { try await Task.sleep(until: next) }
        // Time that was lost is not made up for.
        next = max(next, .now) + rate.interval
    }
}
