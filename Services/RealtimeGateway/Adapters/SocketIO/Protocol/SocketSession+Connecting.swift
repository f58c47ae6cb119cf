import EngineIO
import NIOCore
import RealtimeHTTP

/// How clients get into namespaces.
extension SocketSession {
    func connect(_ packet: SocketPacket) {
        let spelling = server.spelling(packet.namespace)
        guard let engine, let namespace = server.namespace(packet.namespace) else {
            return refuse(spelling, "Invalid namespace")
        }
        guard sockets.count < server.limits.namespaces else { return refuse(spelling, "Too many namespaces") }
        let request = SocketConnect(namespace: packet.namespace, auth: packet.auth, handshake: handshake)
        guard let recovery, let claim = SocketRecovery.Claim(request.auth) else {
            return conclude(namespace.connect(request, on: engine.shard.loop), spelling)
        }
        if resume(request, claim, spelling, recovery, namespace) { return }
        restore(request, claim, spelling, namespace)
    }

    func conclude(_ admission: SocketAdmission, _ spelling: SocketSpelling) {
        switch admission {
        case .accepted(let makeHandler): admit(makeHandler(), spelling)
        case .refused(let message, let data): refuse(spelling, message, data: data)
        case .pending(let future):
            beginWaiting()
            future.assumeIsolated().whenComplete { [self] result in
                guard engine != nil else { return }
                switch result {
                case .success(let admission): conclude(admission, spelling)
                case .failure: refuse(spelling, "Internal server error")
                }
                endWaiting()
            }
        }
    }

    private func admit(_ handler: any SocketHandler, _ spelling: SocketSpelling) {
        let journal = recovery.map { SocketJournal(baseline: $0.log.last) }
        let socket = Socket(session: self, spelling: spelling, handler: handler, journal: journal)
        guard greet(socket) else { return }
        handler.connected(socket)
        socket.stateChanged()
    }

    /// Tells a client that it is connected; returns whether it has stayed to hear it.
    func greet(_ socket: Socket) -> Bool {
        socket.send(socket.greeting)
        guard engine != nil else { return false }
        sockets.append(socket)
        left.removeAll { $0 == socket.namespace }
        connectDeadline = nil
        return true
    }

    func refuse(_ spelling: SocketSpelling, _ message: String, data: ByteBuffer? = nil) {
        guard let engine else { return }
        let writer = SocketPacketWriter(prefix: spelling.prefix, framing: engine.framing)
        engine.send(writer.refused(message, data: data))
    }
}
