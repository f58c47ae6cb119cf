package import EventSchema

/// Takes events from backends that do not speak to the bus themselves.
package protocol EventIngest: Sendable {
    /// Makes an event durable, and sees to it that it is published.
    ///
    /// A request that comes again under the same `key` is answered as the first was; nothing happens twice.
    ///
    /// - Parameters:
    ///   - key: What the sender calls the request; `nil` if it has no name for it, then the event's id has to do.
    ///   - request: The request's body, by which two requests under one key are told apart.
    func accept(
        _ envelope: Envelope,
        key: String?,
        request: [UInt8],
        trace: TraceHeaders
    ) async throws(IngestError)
        -> IngestReceipt
}

/// W3C Trace Context as it came.
package struct TraceHeaders: Sendable, Hashable {
    package var traceParent: String?
    package var traceState: String?

    package init(traceParent: String? = nil, traceState: String? = nil) {
        self.traceParent = traceParent
        self.traceState = traceState
    }
}

/// What a sender may rely on.
package struct IngestReceipt: Sendable, Hashable {
    /// The `event_id` under which it is published.
    package let eventID: String
    /// Whether it had been accepted before.
    package let isRepeated: Bool

    package init(eventID: String, isRepeated: Bool) {
        self.eventID = eventID
        self.isRepeated = isRepeated
    }
}

/// Why an event was not taken.
package enum IngestError: Error, Sendable, Hashable {
    /// Another request came under the same key.
    case keyReused
    /// Not now: too much waits for the broker, or the database takes nothing.
    case busy(String)
}
