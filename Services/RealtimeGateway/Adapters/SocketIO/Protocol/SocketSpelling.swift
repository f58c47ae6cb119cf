import EngineIO
import NIOCore
import RealtimeHTTP
import Synchronization

/// What is the same in all packets of one namespace, and shared by all of its clients.
final class SocketSpelling: Sendable {
    let namespace: String
    /// What stands before a packet's id and payload: nothing for `/`.
    let prefix: String
    /// How clients are told where events stand that they can come back for.
    let offsets: OffsetSpelling
    private let webSocket: SocketEncoding
    private let polling: SocketEncoding

    init(namespace: String, offsets: OffsetSpelling?) {
        self.namespace = namespace
        prefix = namespace == "/" ? "" : namespace + ","
        self.offsets = offsets ?? .argument
        webSocket = SocketEncoding(prefix: prefix, framing: .webSocket, offsets: offsets)
        polling = SocketEncoding(prefix: prefix, framing: .polling, offsets: offsets)
    }

    /// How events on topics are spelled for the clients of a transport.
    func encoding(_ framing: EngineFraming) -> SocketEncoding { framing == .polling ? polling : webSocket }
}

/// Spells events on topics: one object for a namespace and a framing, so that an event is encoded once for all.
final class SocketEncoding: EventEncoding {
    private let prefix: String
    private let framing: EngineFraming
    private let offsets: OffsetSpelling?

    init(prefix: String, framing: EngineFraming, offsets: OffsetSpelling?) {
        self.prefix = prefix
        self.framing = framing
        self.offsets = offsets
    }

    func frame(_ event: TopicEvent) -> ByteBuffer? {
        let writer = SocketPacketWriter(prefix: prefix, framing: framing)
        guard let offsets, let position = event.position else { return writer.event(event.name, [event.content]) }
        return writer.event(event.name, [event.content], at: position.text, offsets)
    }
}

/// The spellings of the namespaces that have clients.
final class SocketSpellings: Sendable {
    private struct Weak {
        weak var spelling: SocketSpelling?
    }

    private struct State {
        var spellings: [String: Weak] = [:]
        /// How many there may be before those are looked for that nobody uses.
        var sweepAt = 64
    }

    private let offsets: OffsetSpelling?
    private let state = Mutex(State())

    /// - Parameter offsets: How clients are told where events stand; `nil` if they are not.
    init(offsets: OffsetSpelling?) {
        self.offsets = offsets
    }

    subscript(namespace: String) -> SocketSpelling {
        state.withLock { state in
            if let known = state.spellings[namespace]?.spelling { return known }
            if state.spellings.count >= state.sweepAt {
                state.spellings = state.spellings.filter { $0.value.spelling != nil }
                state.sweepAt = max(64, state.spellings.count * 2)
            }
            let made = SocketSpelling(namespace: namespace, offsets: offsets)
            state.spellings[namespace] = Weak(spelling: made)
            return made
        }
    }
}

extension EventContent {
    /// Where an event stands, as its last argument.
    static func offset(_ text: String) -> EventContent { .json(ByteBuffer(string: "\"\(text)\"")) }
}
