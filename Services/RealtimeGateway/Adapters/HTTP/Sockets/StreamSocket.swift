import DequeModule
import Glibc
import NIOCore

/// A WebSocket's connection on a socket of its own.
///
/// Bytes are handed to the kernel in the order in which they were written, by ``flush()`` or when the kernel has room again.
final class StreamSocket: Pollable, WebSocketTransport {
    /// Reads in a row before others have their turn.
    private static let readsAtOnce = 16
    /// Bytes that small pieces are joined to before they go to the kernel.
    private static let joinedBytes = 65536

    /// `nil` once it is closed.
    private var owner: WebSocketConnection?
    private let watermark: Int
    private var waiting: Deque<ByteBuffer> = []
    private var waitingBytes = 0
    private(set) var isWritable = true
    private var isReading = true
    private var waitsForRoom = false
    /// Whether the kernel takes no more; the reading side finds out why.
    private var isBroken = false
    /// Whether our half closes once all has gone.
    private var isEnding = false

    /// - Parameter watermark: Bytes that may wait here before it is not writable.
    init(_ descriptor: CInt, of reactor: Reactor, owner: WebSocketConnection, watermark: Int) {
        self.owner = owner
        self.watermark = watermark
        super.init(descriptor, of: reactor)
    }

    // MARK: Reading

    override func ready(_ events: Events) {
        if events.contains(.writable) { flush() }
        // Who has gone is seen off, and what it said last is heard, though nothing more was to be read.
        let isOver = !events.isDisjoint(with: [.ended, .broken])
        if isOver || events.contains(.readable) { read(isLast: isOver) }
    }

    private func read(isLast: Bool) {
        for _ in 0..<Self.readsAtOnce where isReading || isLast {
            guard let owner else { return }
            switch SocketCalls.receive(descriptor, into: &reactor.buffer) {
            case .bytes(let isAll):
                owner.received(reactor.buffer)
                if isAll, !isLast { return }
            case .nothing: return
            case .end: return close()
            }
        }
    }

    func setReading(_ isReading: Bool) {
        guard isReading != self.isReading else { return }
        self.isReading = isReading
        updateInterest()
    }

    private func updateInterest() {
        guard owner != nil else { return }
        var events: Events = isReading ? [.readable] : [.ended]
        if waitsForRoom { events.insert(.writable) }
        reactor.change(self, to: events)
    }

    // MARK: Writing

    var isEmpty: Bool { waiting.isEmpty }

    func send(_ bytes: ByteBuffer) -> Int { SocketCalls.send(bytes, to: descriptor) ?? 0 }

    func write(_ bytes: ByteBuffer) {
        guard owner != nil, !isBroken else { return }
        waiting.append(bytes)
        waitingBytes += bytes.readableBytes
        guard isWritable, waitingBytes > watermark else { return }
        isWritable = false
        owner?.writabilityChanged()
    }

    func flush() {
        guard owner != nil else { return }
        while let next = joined() {
            guard let sent = SocketCalls.send(next, to: descriptor) else { return breakOff() }
            took(sent, of: next)
            if sent < next.readableBytes { break }
        }
        if waitsForRoom == waiting.isEmpty {
            waitsForRoom.toggle()
            updateInterest()
        }
        if isEnding, waiting.isEmpty { shutdown(descriptor, CInt(SHUT_WR)) }
        guard !isWritable, waitingBytes <= watermark / 2 else { return }
        isWritable = true
        owner?.writabilityChanged()
    }

    /// What goes to the kernel next, in one piece: that is cheaper than a list of pieces as small as most are.
    private func joined() -> ByteBuffer? {
        guard waiting.count > 1 else { return waiting.first }
        var count = 0
        var bytes = 0
        while count < waiting.count, count == 0 || bytes + waiting[count].readableBytes <= Self.joinedBytes {
            bytes += waiting[count].readableBytes
            count += 1
        }
        guard count > 1 else { return waiting.first }
        var joined = ByteBufferAllocator().buffer(capacity: bytes)
        for _ in 0..<count { if let piece = waiting.popFirst() { joined.writeImmutableBuffer(piece) } }
        waiting.prepend(joined)
        return joined
    }

    /// Takes what the kernel has from what waits; an idle client keeps no list.
    private func took(_ count: Int, of first: ByteBuffer) {
        waitingBytes -= count
        if count < first.readableBytes {
            waiting[0].moveReaderIndex(forwardBy: count)
        } else if waiting.count == 1 {
            waiting = []
        } else {
            waiting.removeFirst()
        }
    }

    private func breakOff() {
        isBroken = true
        waiting = []
        waitingBytes = 0
    }

    // MARK: Ending

    func closeOutput() {
        isEnding = true
        if waiting.isEmpty { shutdown(descriptor, CInt(SHUT_WR)) }
    }

    override func close() {
        guard let ended = owner else { return }
        owner = nil
        waiting = []
        super.close()
        ended.ended()
    }
}
