package import EventSchema

extension Delivery {
    /// How long it has waited since it was sent.
    ///
    /// `nil` if it was tried before, since then it also waited for us, or if it does not say when it was sent.
    package func age(at now: Timestamp) -> Duration? {
        guard !redelivered, attempt == 1, message.headers[MessageHeader.firstFailure] == nil,
            let sent = message.timestamp, sent.milliseconds > 0
        else { return nil }
        // Clocks differ: what comes from the future has not waited.
        return .milliseconds(max(0, now.milliseconds - sent.milliseconds))
    }
}
