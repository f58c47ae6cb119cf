import DequeModule
import EngineIO
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// One connection: reads its packets, and keeps the namespaces that it is connected to.
final class SocketSession: EngineSession {
    /// How often a client may leave the last of its namespaces and connect to one again.
    private static let maximumDepartures = 10

    let server: SocketServer
    let handshake: EngineHandshake
    /// `nil` where clients cannot come back.
    let recovery: SocketRecovery?
    /// `nil` before the connection opens and once it has closed.
    private(set) var engine: EngineSocket?
    var sockets: [Socket] = []
    /// Those that are about to come back, while it is looked into what they have missed.
    var returning: [Socket] = []
    /// Namespaces from which the server has disconnected the client, which may not have heard of it yet.
    var left: [String] = []
    private var pending: PendingPacket?
    /// When the client has to be connected to something; `nil` while it is.
    var connectDeadline: NIODeadline?
    /// How often it has left the last namespace that it was connected to.
    private var departures = 0
    /// Messages that wait for the answer to a CONNECT, or for the next turn of the loop; `nil` while there is none.
    ///
    /// Few: the connection is not read meanwhile.
    private var waiting: Deque<ClientMessage>?
    private var isCatchingUp = false
    /// How many things have to be over for it to go on.
    private var holds = 0
    private var messagesInARow = 0

    init(server: SocketServer, handshake: EngineHandshake, recovery: SocketRecovery?) {
        self.recovery = recovery
        self.server = server
        self.handshake = handshake
    }

    // MARK: The connection

    func opened(_ socket: EngineSocket) {
        engine = socket
        connectDeadline = .now() + server.connectTimeout
        socket.deadlineChanged()
    }

    func transportChanged(_ socket: EngineSocket) {
        for socket in returning { socket.moveSubscriptions() }
        for socket in sockets {
            socket.moveSubscriptions()
            socket.handler.transportChanged(socket)
        }
    }

    var user: Identity? {
        sockets.lazy.compactMap(\.handler.user).first ?? returning.lazy.compactMap(\.handler.user).first
    }

    func expel(from topic: String, _ expulsion: Expulsion) {
        for socket in sockets { socket.expel(from: topic, expulsion) }
    }

    func lostFleetingEvents() {
        for socket in sockets { socket.handler.lostFleetingEvents(socket) }
    }

    func closed(_ reason: EngineCloseReason) {
        waiting = nil
        pending = nil
        let ended = sockets
        sockets = []
        returning = []
        for socket in ended { socket.end(reason.rawValue, mayReturn: reason.isLoss) }
        engine = nil
    }

    // MARK: Deadlines

    var deadline: NIODeadline? {
        var next = pending?.deadline
        func consider(_ other: NIODeadline?) {
            guard let other else { return }
            next = next.map { min($0, other) } ?? other
        }
        consider(connectDeadline)
        for socket in sockets { consider(socket.deadline) }
        return next
    }

    func deadlinePassed(_ now: NIODeadline) {
        if let connectDeadline, now >= connectDeadline { return close() }
        if let pending, now >= pending.deadline { return close() }
        for socket in sockets { socket.deadlinePassed(now) }
    }

    // MARK: Receiving

    func received(_ message: ClientMessage) {
        guard let count = waiting?.count else { return dispatch(message) }
        guard count < server.limits.waitingMessages else { return close() }
        waiting?.append(message)
    }

    private func dispatch(_ message: ClientMessage) {
        takeTurns()
        do throws(SocketPacket.Invalid) {
            switch message {
            case .text(let text): try accept(try SocketPacket(text, server.limits))
            case .binary(let bytes): try accept(attachment: bytes)
            }
        } catch {
            close()
        }
    }

    private func accept(_ packet: SocketPacket) throws(SocketPacket.Invalid) {
        guard pending == nil else { throw SocketPacket.Invalid("text among attachments") }
        guard packet.attachments > 0 else { return try handle(packet, []) }
        pending = PendingPacket(
            packet,
            until: .now() + server.attachmentTimeout,
            limit: server.limits.attachmentBytes
        )
        engine?.deadlineChanged()
    }

    private func accept(attachment: ByteBuffer) throws(SocketPacket.Invalid) {
        guard let pending else { throw SocketPacket.Invalid("bytes that belong to nothing") }
        try pending.append(attachment)
        guard pending.isWhole else { return }
        self.pending = nil
        try handle(pending.packet, pending.attachments)
    }

    private func handle(_ packet: SocketPacket, _ attachments: [ByteBuffer]) throws(SocketPacket.Invalid) {
        let socket = sockets.first { $0.namespace == packet.namespace }
        guard packet.kind != .connect else {
            guard socket == nil else { throw SocketPacket.Invalid("connected already") }
            // Or nobody would ever have to say who it is in time.
            guard departures < Self.maximumDepartures else { throw SocketPacket.Invalid("comes and goes") }
            return connect(packet)
        }
        guard let socket else {
            guard left.contains(packet.namespace) else { throw SocketPacket.Invalid("not connected") }
            return
        }
        handle(packet, attachments, socket)
    }

    private func handle(_ packet: SocketPacket, _ attachments: [ByteBuffer], _ socket: Socket) {
        switch packet.kind {
        case .disconnect:
            remove(socket)
            socket.end("client namespace disconnect")
        case .acknowledgement, .binaryAcknowledgement:
            guard let id = packet.id else { return }
            socket.answered(id, SocketAnswer(arguments: packet.arguments, attachments: attachments))
        case .event, .binaryEvent:
            guard let name = packet.name else { return }
            let event = SocketEvent(
                name: name,
                arguments: packet.arguments,
                attachments: attachments,
                acknowledge: packet.id.map { SocketAcknowledgement(socket: socket, id: $0) }
            )
            socket.handler.received(event, socket)
        case .connect, .connectError: break
        }
    }

    // MARK: Disconnecting

    func disconnect(_ socket: Socket) {
        remove(socket)
        socket.send(socket.writer.disconnected())
        if left.count >= server.limits.namespaces { left.removeFirst() }
        left.append(socket.namespace)
        socket.end("server namespace disconnect")
    }

    func disconnectAll() {
        // For good: nothing else that the client has said is looked at.
        beginWaiting()
        for socket in sockets { disconnect(socket) }
        close()
    }

    private func remove(_ socket: Socket) {
        sockets.removeAll { $0 === socket }
        guard sockets.isEmpty else { return }
        departures += 1
        connectDeadline = .now() + server.connectTimeout
        engine?.deadlineChanged()
    }

    private func close() { engine?.close() }

    // MARK: Waiting

    /// Lets others have their turn after so many messages.
    private func takeTurns() {
        messagesInARow += 1
        guard messagesInARow >= server.limits.messagesPerTurn, let loop = engine?.shard.loop else { return }
        messagesInARow = 0
        beginWaiting()
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.execute { bound.value.endWaiting() }
    }

    /// Handles nothing that comes, and has nothing read, until ``endWaiting()``, which follows once for each call.
    func beginWaiting() {
        holds += 1
        guard waiting == nil else { return }
        waiting = []
        engine?.pauseReading()
    }

    func endWaiting() {
        holds -= 1
        if holds == 0 { catchUp() }
    }

    /// Handles what has come meanwhile, until something makes it wait again.
    private func catchUp() {
        guard !isCatchingUp else { return }
        isCatchingUp = true
        while holds == 0, let message = waiting?.popFirst() { dispatch(message) }
        isCatchingUp = false
        guard holds == 0, waiting != nil else { return }
        waiting = nil
        engine?.resumeReading()
    }
}

extension EngineCloseReason {
    /// Whether the client has not meant to go, and was not sent away.
    fileprivate var isLoss: Bool {
        switch self {
        case .transportClose, .transportError, .pingTimeout: true
        case .parseError, .forcedClose: false
        }
    }
}
