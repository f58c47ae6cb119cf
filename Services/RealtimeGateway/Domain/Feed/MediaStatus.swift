import EventSchema

/// The last that was heard of an upload.
package struct MediaStatus: Sendable, Hashable {
    /// `media.progress`, `media.ready` or `media.failed`.
    package let event: String
    /// The event's payload as it came.
    package let payload: [UInt8]
    /// When its sender said it.
    let timestamp: Timestamp
    /// Whether the media's fate was decided: progress that comes later is another worker's, at work on a repeated job.
    var isFinal: Bool { event != MediaProgress.eventType }

    /// Both as one JSON object, for those who come too late for the event itself.
    package var json: [UInt8] {
        Array(#"{"event":"#.utf8) + JSONValue.string(event).encoded + Array(#","payload":"#.utf8) + payload
            + [UInt8(ascii: "}")]
    }
}
