package import EventSchema

/// What becomes of a live stream, as its backend says.
package enum StreamEvent: Sendable, Hashable {
    case live(StreamLive)
    case offline(StreamOffline)
    case failed(StreamFailed)

    package var streamID: String {
        switch self {
        case .live(let event): event.streamID
        case .offline(let event): event.streamID
        case .failed(let event): event.streamID
        }
    }
}

/// Tells the clients of this node what becomes of live streams.
package protocol StreamAudience: Sendable {
    /// Called in the order in which events came, on any thread, maybe with a lock held; returns without waiting.
    func tell(_ event: StreamEvent)
}

extension Array: StreamAudience where Element == any StreamAudience {
    package func tell(_ event: StreamEvent) {
        for audience in self { audience.tell(event) }
    }
}
