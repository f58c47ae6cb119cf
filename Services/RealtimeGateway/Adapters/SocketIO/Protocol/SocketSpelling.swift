import EngineIO
import NIOCore
import RealtimeHTTP
import Synchronization

/// What is the same in all packets of one namespace, and shared by all of its clients.
final class SocketSpelling: Sendable {
    let namespace: String
    /// What stands before a packet's id and payload: nothing for `/`.
    let prefix: String
    private let webSocket: SocketEncoding
    private let polling: SocketEncoding

    init(namespace: String, showsOffsets: Bool) {
        self.namespace = namespace
        prefix = namespace == "/" ? "" : namespace + ","
        webSocket = SocketEncoding(prefix: prefix, framing: .webSocket, showsOffsets: showsOffsets)
        polling = SocketEncoding(prefix: prefix, framing: .polling, showsOffsets: showsOffsets)
    }

    /// How events on topics are spelled for the clients of a transport.
    func encoding(_ framing: EngineFraming) -> SocketEncoding { framing == .polling ? polling : webSocket }
}

/// Spells events on topics: one object for a namespace and a framing, so that an event is encoded once for all.
final class SocketEncoding: EventEncoding {
    private let prefix: String
    private let framing: EngineFraming
    private let showsOffsets: Bool

    init(prefix: String, framing: EngineFraming, showsOffsets: Bool) {
        self.prefix = prefix
        self.framing = framing
        self.showsOffsets = showsOffsets
    }

    func frame(_ event: TopicEvent) -> ByteBuffer? {
        let offset = showsOffsets ? event.position.map { [EventContent.offset($0.text)] } ?? [] : []
        return SocketPacketWriter(prefix: prefix, framing: framing).event(event.name, [event.content] + offset)
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

    private let showsOffsets: Bool
    private let state = Mutex(State())

    /// - Parameter showsOffsets: Whether events say where they stand, for clients to come back with.
    init(showsOffsets: Bool) {
        self.showsOffsets = showsOffsets
    }

    subscript(namespace: String) -> SocketSpelling {
        state.withLock { state in
            if let known = state.spellings[namespace]?.spelling { return known }
            if state.spellings.count >= state.sweepAt {
                state.spellings = state.spellings.filter { $0.value.spelling != nil }
                state.sweepAt = max(64, state.spellings.count * 2)
            }
            let made = SocketSpelling(namespace: namespace, showsOffsets: showsOffsets)
            state.spellings[namespace] = Weak(spelling: made)
            return made
        }
    }
}

extension EventContent {
    /// Where an event stands, as its last argument.
    static func offset(_ text: String) -> EventContent { .json(ByteBuffer(string: "\"\(text)\"")) }
}
