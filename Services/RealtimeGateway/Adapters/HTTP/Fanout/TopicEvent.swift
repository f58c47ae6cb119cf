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
    /// What its connections send as it is, such as a whole WebSocket frame; `nil` if the protocol cannot say this.
    func frame(_ event: TopicEvent) -> ByteBuffer?
}

/// What becomes of an event for a client that does not read as fast as events come.
package enum DeliveryPolicy: Sendable, Hashable {
    /// It is worth a reconnect: rather than to miss it the client is closed, and comes back for it.
    case mustArrive
    /// It is worth something now and nothing later, as typing, presence and progress are: the oldest are dropped.
    case mayDrop
}

/// An event on its way to the subscribers of a topic: encoded once per protocol, for however many of them on however
/// many event loops.
package final class TopicEvent: Sendable {
    package let topic: String
    package let name: String
    package let content: EventContent
    package let policy: DeliveryPolicy
    /// Its place among the topic's events that can be recovered; `nil` if it is none.
    package let seq: Int64?
    /// What its publisher orders it by, ascending over restarts: the id of a stored message; `nil` if by nothing.
    package let order: UInt64?
    /// Where it stands among all that can be recovered, once it is published; `nil` if it cannot be.
    package let position: EventPosition?
    /// The connection that is not told, because it is the one that said it.
    package let exception: ObjectIdentifier?
    /// The frames by the identity of their encoding.
    private let frames = Mutex<[(encoding: ObjectIdentifier, frame: ByteBuffer?)]>([])

    package init(
        topic: String,
        name: String,
        content: EventContent,
        policy: DeliveryPolicy = .mustArrive,
        seq: Int64? = nil,
        order: UInt64? = nil,
        except connection: (any ClientConnection)? = nil
    ) {
        self.topic = topic
        self.name = name
        self.content = content
        self.policy = policy
        self.seq = seq
        self.order = order
        position = nil
        exception = connection.map { ObjectIdentifier($0) }
    }

    /// The same event with its place.
    package init(_ other: TopicEvent, at position: EventPosition) {
        topic = other.topic
        name = other.name
        content = other.content
        policy = other.policy
        seq = other.seq
        order = other.order
        exception = other.exception
        self.position = position
    }

    var contentBytes: Int {
        switch content {
        case .json(let bytes), .binary(let bytes): bytes.readableBytes
        }
    }

    /// The frame of `encoding`, made by whoever asks first, who is told by `onEncoding`.
    package func frame(_ encoding: some EventEncoding, onEncoding: () -> Void = {}) -> ByteBuffer? {
        frames.withLock { frames in
            let identity = ObjectIdentifier(encoding)
            if let known = frames.first(where: { $0.encoding == identity }) { return known.frame }
            let frame = encoding.frame(self)
            frames.append((identity, frame))
            onEncoding()
            return frame
        }
    }
}
