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
    ///   - source: Where it was published last.
    ///   - queue: Where it waited.
    ///   - operatorName: `user@host`.
    package func requeued(
        _ source: Destination,
        from queue: String,
        by operatorName: String,
        at time: Timestamp
    ) -> Message {
        var copy = startingAnew(source)
        copy.headers[MessageHeader.requeuedAt] = .string(time.description)
        copy.headers[MessageHeader.requeuedBy] = .string(operatorName.prefix(utf8Length: 255))
        copy.headers[MessageHeader.requeuedFrom] = .string(queue)
        return copy
    }

    /// A copy that is published again, under its own id.
    ///
    /// - Parameter source: Where it was published last.
    package func replayed(_ source: Destination, at time: Timestamp) -> Message {
        var copy = startingAnew(source)
        copy.headers[MessageHeader.replayedAt] = .string(time.description)
        return copy
    }

    /// The routing key under which it was first published, as far as it can be told.
    package func publishedKey(_ source: Destination) -> String {
        if let key = headers[MessageHeader.publishedKey]?.stringValue { return key }
        // What the broker moved on its own account has the first key in its oldest note.
        return headers["x-death"]?.arrayValue?.last?["routing-keys"]?.arrayValue?.first?.stringValue
            ?? source.routingKey
    }

    private func startingAnew(_ source: Destination) -> Message {
        var copy = withoutBrokerHeaders.fitting
        for name in Self.history { copy.headers[name] = nil }
        // A message without an id stays the same event by it.
        if messageID?.isEmpty ?? true { copy.headers[MessageHeader.publishedKey] = .string(publishedKey(source)) }
        return copy
    }
}
