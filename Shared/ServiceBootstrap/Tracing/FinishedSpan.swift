package import Tracing

/// A span that has ended, as it is written.
package struct FinishedSpan: Sendable {
    package let context: SpanContext
    package let parent: SpanContext?
    package let kind: SpanKind
    package let start: UInt64
    package let end: UInt64
    package let facts: SpanFacts
}

/// What is noted of a span while it lasts, each kind of it bounded.
package struct SpanFacts: Sendable {
    /// OpenTelemetry's default for attributes, events and links.
    private static let most = 128

    package internal(set) var name: String
    package internal(set) var attributes: SpanAttributes = [:]
    package private(set) var events: [SpanEvent] = []
    package private(set) var links: [SpanLink] = []
    package private(set) var droppedEvents = 0
    package private(set) var droppedLinks = 0
    package internal(set) var status: SpanStatus?

    init(name: String) {
        self.name = name
    }

    /// Keeps the first ones.
    mutating func add(_ event: SpanEvent) {
        guard events.count < Self.most else {
            droppedEvents += 1
            return
        }
        events.append(event)
    }

    /// Keeps the first ones.
    mutating func add(_ link: SpanLink) {
        guard links.count < Self.most else {
            droppedLinks += 1
            return
        }
        links.append(link)
    }
}
