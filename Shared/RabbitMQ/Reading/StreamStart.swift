package import EventSchema

/// Where reading a stream begins.
package enum StreamStart: Sendable, Hashable {
    /// With the oldest message that is kept.
    case first
    /// With the batch in which something was published at this time; a few older messages may come with it.
    case time(Timestamp)
}
