import EngineIO
import NIOCore
import RealtimeHTTP

/// How clients come back that have lost their connections.
extension SocketSession {
    /// Has a client go on that this process knows, if nothing is lost that it has missed; any other connects anew.
    ///
    /// - Returns: Whether it is known.
    func resume(
        _ request: SocketConnect,
        _ claim: SocketRecovery.Claim,
        _ spelling: SocketSpelling,
        _ recovery: SocketRecovery,
        _ namespace: any SocketNamespace
    ) -> Bool {
        guard let shard = engine?.shard, let kept = recovery.take(claim.pid) else { return false }
        let isHere = kept.namespace == request.namespace
        let answer = isHere ? kept.handler.mayResume(request, on: shard.loop) : shard.loop.makeSucceededFuture(false)
        wait(for: answer.map { Optional($0) }) { [self] mayResume in
            // It was lost again.
            guard engine != nil else { return recovery.keep(kept, on: shard.loop) }
            let socket = Socket(
                session: self,
                spelling: spelling,
                handler: kept.handler,
                id: kept.id,
                journal: kept.journal
            )
            guard mayResume == true, socket.recover(claim.offset, from: kept.connection) else {
                socket.withdraw(from: shard)
                recovery.unwatch(kept.journal)
                recovery.vault?.remove(claim.pid)
                return conclude(namespace.connect(request, on: shard.loop), spelling)
            }
            if engine != nil, greet(socket) {
                kept.handler.resumed(socket)
            } else {
                // It was lost over what it was sent.
                socket.withdraw(from: shard)
                recovery.keep(kept, on: shard.loop)
            }
        }
        return true
    }

    /// Has a client go on that is stored, if nothing is lost that it has missed; any other connects anew.
    func restore(
        _ request: SocketConnect,
        _ claim: SocketRecovery.Claim,
        _ spelling: SocketSpelling,
        _ namespace: any SocketNamespace
    ) {
        guard let shard = engine?.shard else { return }
        let connectAnew = { [self] in
            guard engine != nil else { return }
            conclude(namespace.connect(request, on: shard.loop), spelling)
        }
        guard let vault = recovery?.vault else { return connectAnew() }
        wait(for: shard.loop.makeFutureWithTask { await vault.load(claim.pid) }) { [self] stored in
            guard let stored, stored.namespace == request.namespace else { return connectAnew() }
            decide(namespace.resume(stored, request, on: shard.loop)) { [self] handler in
                guard let handler, let socket = socket(stored, handler, spelling) else { return connectAnew() }
                let order = claim.offset.position.major
                for topic in stored.topics { socket.join(topic, isHeld: true) }
                wait(for: shard.loop.makeFutureWithTask { await vault.missed(on: stored.topics, after: order) }) {
                    [self] events in
                    if let events { socket.recover(stored: events, after: order) }
                    guard engine != nil, events != nil, greet(socket) else {
                        socket.withdraw(from: shard)
                        socket.journal.map { recovery?.unwatch($0) }
                        return connectAnew()
                    }
                    socket.releaseAll()
                    handler.resumed(socket)
                }
            }
        }
    }

    private func socket(
        _ stored: StoredSession,
        _ handler: any SocketHandler,
        _ spelling: SocketSpelling
    ) -> Socket? {
        guard let recovery, let id = SocketID(stored.sid), let pid = SocketID(stored.pid) else { return nil }
        let journal = SocketJournal(pid: pid, baseline: recovery.log.last)
        return Socket(session: self, spelling: spelling, handler: handler, id: id, journal: journal)
    }

    /// Calls `body` with the handler of who is let in, sooner or later.
    private func decide(_ admission: SocketAdmission, _ body: @escaping ((any SocketHandler)?) -> Void) {
        switch admission {
        case .accepted(let makeHandler): body(makeHandler())
        case .refused: body(nil)
        case .pending(let future):
            wait(for: future.map { Optional($0) }) { [self] admission in
                admission.map { decide($0, body) } ?? body(nil)
            }
        }
    }

    /// Handles no message until `future` has completed, and calls `body` then: also for who has gone meanwhile.
    private func wait<Value: Sendable>(for future: EventLoopFuture<Value?>, _ body: @escaping (Value?) -> Void) {
        beginWaiting()
        future.assumeIsolated().whenComplete { [self] result in
            body((try? result.get()) ?? nil)
            endWaiting()
        }
    }
}
