package import EventSchema

extension Message {
    /// The notes of earlier tries: a message that starts anew does so without them.
    private static let history = [
        MessageHeader.attempt, MessageHeader.firstFailure, MessageHeader.lastError, MessageHeader.parkedFrom,
        MessageHeader.parkedReason, MessageHeader.parkedAt, "x-stream-offset",
    ]

    /// A copy of a parked message that is tried as if for the first time, and says who wanted that.
    ///
    /// - Parameters:
    ///   - queue: Where it waited.
    ///   - operatorName: `user@host`.
    package func requeued(from queue: String, by operatorName: String, at time: Timestamp) -> Message {
        var copy = startingAnew
        copy.headers[MessageHeader.requeuedAt] = .string(time.description)
        copy.headers[MessageHeader.requeuedBy] = .string(operatorName.prefix(utf8Length: 255))
        copy.headers[MessageHeader.requeuedFrom] = .string(queue)
        return copy
    }

    /// A copy that is published again, under its own id.
    package func replayed(at time: Timestamp) -> Message {
        var copy = startingAnew
        copy.headers[MessageHeader.replayedAt] = .string(time.description)
        return copy
    }

    private var startingAnew: Message {
        var copy = withoutBrokerHeaders.fitting
        for name in Self.history { copy.headers[name] = nil }
        return copy
    }
}
