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
            guard engine != nil else { return lost(again: kept, recovery, shard) }
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
                kept.handler.returnFailed()
                return conclude(namespace.connect(request, on: shard.loop), spelling)
            }
            if engine != nil, greet(socket) {
                kept.handler.resumed(socket)
            } else {
                socket.withdraw(from: shard)
                lost(again: kept, recovery, shard)
            }
        }
        return true
    }

    /// Keeps a client that was lost while it came back.
    private func lost(again kept: SocketRecovery.Kept, _ recovery: SocketRecovery, _ shard: Shard) {
        kept.handler.returnFailed()
        recovery.keep(kept, on: shard.loop)
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
                guard let handler else { return connectAnew() }
                let failed = {
                    handler.returnFailed()
                    connectAnew()
                }
                guard let socket = socket(stored, handler, spelling) else { return failed() }
                putBack(socket, stored.topics, after: claim.offset.position.major, vault, otherwise: failed)
            }
        }
    }

    /// Puts a client back on its topics, when it has been told what it has missed there.
    private func putBack(
        _ socket: Socket,
        _ topics: [String],
        after order: UInt64,
        _ vault: any SessionVault,
        otherwise failed: @escaping () -> Void
    ) {
        guard let shard = engine?.shard else { return failed() }
        for topic in topics { socket.join(topic, isHeld: true) }
        returning.append(socket)
        wait(for: shard.loop.makeFutureWithTask { await vault.missed(on: topics, after: order) }) { [self] events in
            returning.removeAll { $0 === socket }
            // Who was sent away from one of them meanwhile is looked at anew.
            let mayReturn = !socket.subscriptions.contains(where: \.isRevoked)
            if let events, mayReturn { socket.recover(stored: events, after: order) }
            guard engine != nil, events != nil, mayReturn, greet(socket) else {
                socket.withdraw(from: shard)
                socket.journal.map { recovery?.unwatch($0) }
                return failed()
            }
            socket.releaseAll()
            socket.handler.resumed(socket)
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
