/// The headers that this suite reads and writes.
package enum MessageHeader {
    /// How often handlers have tried the message, from 1.
    package static let attempt = "x-attempt"
    /// When a handler first failed on it, RFC 3339.
    package static let firstFailure = "x-first-failure"
    /// Why the last handler failed, at most 512 bytes.
    package static let lastError = "x-last-error"
    /// The queue from which a message was parked.
    package static let parkedFrom = "x-parked-from"
    /// Why it was parked, at most 512 bytes.
    package static let parkedReason = "x-parked-reason"
    /// When it was parked, RFC 3339.
    package static let parkedAt = "x-parked-at"
    /// When an operator gave a parked message another chance, RFC 3339.
    package static let requeuedAt = "x-requeued-at"
    /// Who did: user@host.
    package static let requeuedBy = "x-requeued-by"
    /// The queue in which it had waited.
    package static let requeuedFrom = "x-requeued-from"
    /// When an operator published it again, RFC 3339.
    package static let replayedAt = "x-replayed-at"
    /// The routing key under which a message without an id was first published; its event's id follows from it.
    package static let publishedKey = "x-published-key"
    /// W3C Trace Context.
    package static let traceParent = "traceparent"
    package static let traceState = "tracestate"
}
