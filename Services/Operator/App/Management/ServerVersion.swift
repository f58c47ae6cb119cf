/// RabbitMQ's version, as far as anything depends on it: `3.10.8`.
struct ServerVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int
    let description: String

    init?(_ text: String) {
        let numbers = text.split(separator: ".").prefix(2).map { Int($0.prefix { $0.isWholeNumber }) }
        guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.major = major
        self.minor = minor
        description = text
    }

    static func < (one: Self, other: Self) -> Bool { (one.major, one.minor) < (other.major, other.minor) }

    /// At-least-once dead-lettering, on which retries and parking stand, came with 3.10.
    static let oldestSupported = ServerVersion(3, 10)
    /// `consumer-timeout` in policies; brokers before refuse it there.
    static let withConsumerTimeoutPolicy = ServerVersion(3, 12)

    private init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
        description = "\(major).\(minor)"
    }
}
