import DequeModule
import NIOCore
import RealtimeHTTP

/// What one client was sent that it can come back for: its own events, and where it stood on each topic.
///
/// Touched where the client is; when that is lost, whoever takes it out of ``SocketRecovery`` has it alone.
final class SocketJournal {
    /// An event to this client alone.
    struct Emit {
        let number: UInt32
        /// The last event on any topic that was delivered before it.
        let after: EventPosition
        let name: String
        let arguments: [EventContent]
        let attachments: [ByteBuffer]
        fileprivate let bytes: Int
    }

    /// What the events of one client may take: those that came before are not to be had any more.
    private static let maximumCount = 64
    private static let maximumBytes = 65_536

    /// By which the client comes back; a secret.
    let pid: SocketID
    /// Everything up to here has reached the client, or is before its time.
    var baseline: EventPosition
    /// The topics, and from which event on.
    var topics: [(name: String, since: EventPosition)] = []
    private var emits: Deque<Emit> = []
    private var bytes = 0
    private var count: UInt32 = 0
    /// The last that is not there any more.
    private var lost: (number: UInt32, after: EventPosition)?

    /// Whether what is stored of the client is to be written anew at the end of this turn.
    var isUnsaved = false

    init(pid: SocketID = .random(), baseline: EventPosition) {
        self.pid = pid
        self.baseline = baseline
    }

    /// Notes an event; returns where it stands, as the client sends it back.
    func add(
        _ name: String,
        _ arguments: [EventContent],
        _ attachments: [ByteBuffer],
        after position: EventPosition
    ) -> String {
        count += 1
        let position = max(position, baseline)
        let size =
            arguments.reduce(64 + name.utf8.count) { $0 + $1.size }
            + attachments.reduce(0) { $0 + $1.readableBytes }
        emits.append(
            Emit(
                number: count,
                after: position,
                name: name,
                arguments: arguments,
                attachments: attachments,
                bytes: size
            )
        )
        bytes += size
        while emits.count > Self.maximumCount || bytes > Self.maximumBytes, let oldest = emits.popFirst() {
            bytes -= oldest.bytes
            lost = (oldest.number, oldest.after)
        }
        return SocketOffset(position: position, number: count).text
    }

    /// Where an event stands that is not kept, as the client sends it back.
    func mark(at position: EventPosition) -> String {
        SocketOffset(position: max(position, baseline), number: count == 0 ? nil : count).text
    }

    /// The events that came behind `offset`; `nil` if they are not all there.
    func missed(after offset: SocketOffset) -> [Emit]? {
        if let lost, offset.isBefore(lost.number, lost.after) { return nil }
        return emits.filter { offset.isBefore($0.number, $0.after) }
    }
}

/// The last event that a client got, as it says by itself.
struct SocketOffset {
    /// The last event on a topic that had been delivered.
    let position: EventPosition
    /// The last event to the client alone, if that came behind.
    let number: UInt32?

    init(position: EventPosition, number: UInt32?) {
        self.position = position
        self.number = number
    }

    init?(_ text: String) {
        guard text.utf8.count <= 24, let decoded = Base64URL.decode(text.utf8) else { return nil }
        var bytes = ByteBuffer(bytes: decoded)
        guard let position = EventPosition(&bytes) else { return nil }
        self.position = position
        number = bytes.readInteger()
        guard bytes.readableBytes == 0 else { return nil }
    }

    var text: String {
        guard let number else { return position.text }
        var bytes = ByteBuffer(integer: position.major)
        bytes.writeInteger(position.minor)
        bytes.writeInteger(number)
        return Base64URL.encode(Array(bytes.readableBytesView))
    }

    /// Whether an event to the client alone came behind.
    func isBefore(_ other: UInt32, _ after: EventPosition) -> Bool {
        number.map { $0 < other } ?? (position <= after)
    }
}

extension EventContent {
    fileprivate var size: Int {
        switch self {
        case .json(let bytes), .binary(let bytes): bytes.readableBytes
        }
    }
}
