package import Logging

/// Writes log lines as JSON or as text, with what identifies the process in each.
package struct ServiceLogHandler: LogHandler {
    /// Who is logging, in every line.
    package struct Origin: Sendable {
        package let service: String
        package let version: String
        package let instance: String

        package init(service: String, version: String = Suite.version, instance: String) {
            self.service = service
            self.version = version
            self.instance = instance
        }
    }

    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level
    private let label: String
    private let format: LogFormat
    private let origin: Origin
    private let sink: LogSink

    package init(
        label: String,
        level: Logger.Level,
        format: LogFormat,
        origin: Origin,
        sink: LogSink = .standardError
    ) {
        self.label = label
        self.format = format
        self.origin = origin
        self.sink = sink
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var facts = metadataProvider?.get() ?? [:]
        facts.merge(metadata) { _, own in own }
        facts.merge(event.metadata ?? [:]) { _, own in own }
        if let error = event.error { facts["error"] = "\(error)" }
        switch format {
        case .json: sink.append(json(event, facts))
        case .text: sink.append(text(event, facts))
        }
    }

    // MARK: JSON

    private func json(_ event: LogEvent, _ facts: Logger.Metadata) -> [UInt8] {
        var line = JSONText()
        line.open()
        line.member("ts", LogTime.now)
        line.member("level", event.level.rawValue)
        line.member("service", origin.service)
        line.member("version", origin.version)
        line.member("instance", origin.instance)
        line.member("label", label)
        line.member("message", event.message.description)
        for (key, value) in Self.flattened(facts) {
            line.key(Self.reserved.contains(key) ? "metadata.\(key)" : key)
            Self.write(value, to: &line)
        }
        line.close()
        line.newline()
        return line.bytes
    }

    /// Our own members, which a fact may not shadow.
    private static let reserved: Set<String> = ["ts", "level", "service", "version", "instance", "label", "message"]

    private static func write(_ value: Logger.MetadataValue, to line: inout JSONText) {
        guard case .array(let values) = value else { return line.value(value.description) }
        line.open("[")
        for value in values { write(value, to: &line) }
        line.close("]")
    }

    // MARK: Text

    private func text(_ event: LogEvent, _ facts: Logger.Metadata) -> [UInt8] {
        let level = event.level.rawValue.uppercased()
        let shown = Self.flattened(facts).map { " \($0)=\(Self.oneLine($1.description))" }.joined()
        let padding = String(repeating: " ", count: max(0, 8 - level.count))
        let message = Self.oneLine(event.message.description)
        return Array("\(LogTime.now) \(level)\(padding) \(origin.service) \(message)\(shown)\n".utf8)
    }

    /// A line feed in a value would let a stranger's text forge a line.
    private static func oneLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
        return String(text.map { $0.isNewline ? " " : $0 }.filter { $0.asciiValue.map { $0 >= 0x20 } ?? true })
    }

    // MARK: Facts

    /// Nested facts under dotted keys, in order.
    private static func flattened(_ facts: Logger.Metadata) -> [(String, Logger.MetadataValue)] {
        var flat: [(String, Logger.MetadataValue)] = []
        for (key, value) in facts {
            if case .dictionary(let nested) = value {
                flat += flattened(nested).map { ("\(key).\($0)", $1) }
            } else {
                flat.append((key, value))
            }
        }
        return flat.sorted { $0.0 < $1.0 }
    }
}
