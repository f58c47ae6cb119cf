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
        if events.contains(.writable) { push() }
        if isReading {
            if !events.isDisjoint(with: [.readable, .broken]) { read() }
        } else if !events.isDisjoint(with: [.ended, .broken]) {
            // What it has said last waits behind things that nobody would hear the end of.
            close()
        }
    }

    private func read() {
        for _ in 0..<Self.readsAtOnce where isReading {
            guard let owner else { return }
            switch SocketCalls.receive(descriptor, into: &reactor.buffer) {
            case .bytes(let isAll):
                owner.received(reactor.buffer)
                if isAll { return }
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

    func send(_ bytes: ByteBuffer) {
        guard waiting.isEmpty, owner != nil, !isBroken else {
            write(bytes)
            return flush()
        }
        guard let sent = SocketCalls.send(bytes, to: descriptor) else { return breakOff() }
        guard sent < bytes.readableBytes else { return }
        var rest = bytes
        rest.moveReaderIndex(forwardBy: sent)
        waitsForRoom = true
        updateInterest()
        write(rest)
    }

    func write(_ bytes: ByteBuffer) {
        guard owner != nil, !isBroken else { return }
        waiting.append(bytes)
        waitingBytes += bytes.readableBytes
        guard isWritable, waitingBytes > watermark else { return }
        isWritable = false
        owner?.writabilityChanged()
    }

    func flush() {
        // Or the kernel would be asked again and again; it tells when it has room.
        if !waitsForRoom { push() }
    }

    private func push() {
        guard owner != nil else { return }
        while let next = joined() {
            guard let sent = SocketCalls.send(next, to: descriptor) else { return breakOff() }
            took(sent)
            if sent < next.readableBytes { break }
        }
        if waitsForRoom == waiting.isEmpty {
            waitsForRoom.toggle()
            updateInterest()
        }
        endIfDue()
        guard !isWritable, waitingBytes <= watermark / 2 else { return }
        isWritable = true
        owner?.writabilityChanged()
    }

    /// What goes to the kernel next, in one piece: that is cheaper than a list of pieces as small as most are.
    private func joined() -> ByteBuffer? {
        guard let first = waiting.first, waiting.count > 1 else { return waiting.first }
        guard first.readableBytes < Self.joinedBytes else { return first }
        reactor.outgoing.clear()
        for piece in waiting {
            guard reactor.outgoing.readableBytes + piece.readableBytes <= Self.joinedBytes else { break }
            reactor.outgoing.writeImmutableBuffer(piece)
        }
        return reactor.outgoing.readableBytes > 0 ? reactor.outgoing : first
    }

    /// Takes what the kernel has from what waits; an idle client keeps no list.
    private func took(_ count: Int) {
        waitingBytes -= count
        var left = count
        while let first = waiting.first, left >= first.readableBytes {
            left -= first.readableBytes
            waiting.removeFirst()
        }
        if waiting.isEmpty { waiting = [] } else { waiting[0].moveReaderIndex(forwardBy: left) }
    }

    /// The kernel takes no more: what it has to say about that comes to the reading side, whatever it was.
    private func breakOff() {
        isBroken = true
        waiting = []
        waitingBytes = 0
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    // MARK: Ending

    func closeOutput() {
        isEnding = true
        endIfDue()
    }

    private func endIfDue() {
        if isEnding, waiting.isEmpty { shutdown(descriptor, CInt(SHUT_WR)) }
    }

    override func gone() {
        let ended = owner
        owner = nil
        waiting = []
        ended?.ended()
    }
}
