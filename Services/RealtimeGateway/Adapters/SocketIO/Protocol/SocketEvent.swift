package import NIOCore
package import RealtimeHTTP

/// An event that a client sent.
package struct SocketEvent {
    package let name: String
    /// What stands behind the name: JSON values as they came, in which ``attachments`` are referred to by placeholders.
    package let arguments: [ByteBuffer]
    package let attachments: [ByteBuffer]
    /// Answers the client; `nil` if it wants no answer.
    package let acknowledge: SocketAcknowledgement?

    /// An argument, or the attachment for which it stands; `nil` if there are fewer.
    package func content(_ index: Int) -> EventContent? {
        guard arguments.indices.contains(index) else { return nil }
        return SocketPlaceholder.content(arguments[index], attachments)
    }
}

/// What a client answered to an event.
package struct SocketAnswer {
    package let arguments: [ByteBuffer]
    package let attachments: [ByteBuffer]

    package func content(_ index: Int) -> EventContent? {
        guard arguments.indices.contains(index) else { return nil }
        return SocketPlaceholder.content(arguments[index], attachments)
    }
}

/// Why a client has not answered.
package enum SocketAnswerFailure: Error, Hashable {
    case timeout
    case disconnected
    /// It owes too many answers already.
    case tooMany
}

/// The answer to one event of a client: sent once, however often it is asked for; touched on the client's event loop.
package final class SocketAcknowledgement {
    private weak var socket: Socket?
    private let id: UInt64

    init(socket: Socket, id: UInt64) {
        self.socket = socket
        self.id = id
    }

    /// Answers; placeholders in JSON arguments refer to `attachments`, to which binary arguments are added.
    package func callAsFunction(_ arguments: [EventContent], attachments: [ByteBuffer] = []) {
        socket?.acknowledge(id, arguments, attachments)
        socket = nil
    }
}
