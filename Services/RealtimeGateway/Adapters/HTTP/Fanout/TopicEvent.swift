package import NIOCore
import Synchronization

/// What an event says: JSON text, or bytes for protocols that carry them.
package enum EventContent: Sendable, Hashable {
    /// One JSON value, encoded; spliced into frames as it is.
    case json(ByteBuffer)
    case binary(ByteBuffer)

    package static let emptyObject = EventContent.json(ByteBuffer(string: "{}"))
}

/// Turns events into the frames of one wire protocol; its identity is the protocol's.
package protocol EventEncoding: AnyObject, Sendable {
    /// The whole WebSocket frame; `nil` if the protocol cannot say this.
    func frame(_ event: TopicEvent) -> ByteBuffer?
}

/// An event on its way to the subscribers of a topic: encoded once per protocol, for however many of them on however
/// many event loops.
package final class TopicEvent: Sendable {
    package let topic: String
    package let name: String
    package let content: EventContent
    /// The frames by the identity of their encoding.
    private let frames = Mutex<[(encoding: ObjectIdentifier, frame: ByteBuffer?)]>([])

    package init(topic: String, name: String, content: EventContent) {
        self.topic = topic
        self.name = name
        self.content = content
    }

    /// The frame of `encoding`, made by whoever asks first.
    package func frame(_ encoding: some EventEncoding) -> ByteBuffer? {
        frames.withLock { frames in
            let identity = ObjectIdentifier(encoding)
            if let known = frames.first(where: { $0.encoding == identity }) { return known.frame }
            let frame = encoding.frame(self)
            frames.append((identity, frame))
            return frame
        }
    }
}
