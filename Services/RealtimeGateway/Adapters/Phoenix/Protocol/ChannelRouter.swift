/// The channels by the topics they serve.
package struct ChannelRouter: Sendable {
    /// Makes the channel for a topic; `nil` if the topic is not one it serves after all.
    package typealias Factory = @Sendable (_ topic: String) -> (any PhoenixChannel)?

    private var routes: [(pattern: String, factory: Factory)] = []

    package init() {}

    /// Serves the topics that match `pattern`: a name, or a beginning and `*`; the first that matches wins.
    package mutating func on(_ pattern: String, _ factory: @escaping Factory) {
        routes.append((pattern, factory))
    }

    func channel(for topic: String) -> (any PhoenixChannel)? {
        routes.first { Self.matches($0.pattern, topic) }?.factory(topic)
    }

    private static func matches(_ pattern: String, _ topic: String) -> Bool {
        pattern.hasSuffix("*") ? topic.hasPrefix(pattern.dropLast()) : topic == pattern
    }
}
