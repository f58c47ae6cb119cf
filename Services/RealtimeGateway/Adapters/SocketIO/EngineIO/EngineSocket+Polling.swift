import NIOCore
import RealtimeHTTP

/// What requests do with a session; on its event loop, as all else.
extension EngineSocket {
    enum PollAnswer: Sendable {
        case packets([ByteBuffer])
        case unknownSession
        /// The session is no polling one any more.
        case otherTransport
        /// Another poll waits; both end, and the session.
        case overlap
    }

    enum PostAnswer: Sendable {
        case taken
        case unknownSession
        case otherTransport
        case overlap
    }

    var isPolling: Bool { state == .open && polling != nil }

    /// Whether a request may go on; ends what should have ended by now.
    private func polled() -> PollingConnection? {
        let now = NIODeadline.now()
        if let deadline, now >= deadline { deadlinePassed(now) }
        return polling
    }

    /// Waits for packets; `watch` is told which poll it is, if it waits.
    func poll(_ watch: (UInt32) -> Void) -> EventLoopFuture<PollAnswer> {
        guard let polling = polled() else {
            return shard.loop.makeSucceededFuture(state == .closed ? .unknownSession : .otherTransport)
        }
        guard !polling.isPolled else {
            end(.transportError)
            return shard.loop.makeSucceededFuture(.overlap)
        }
        if probe?.isReady == true, polling.isDrained { polling.send(EnginePacket.noop) }
        let answer = polling.nextMessages()
        pollCount &+= 1
        if state == .closing, polling.isDrained { finish() } else if polling.isPolled { watch(pollCount) }
        return answer.map { answer in
            switch answer {
            case .messages(let packets): .packets(packets)
            case .nothing: .packets([EnginePacket.noop])
            case .ended: .unknownSession
            }
        }
    }

    /// The client of a poll has gone without its answer, in which packets may have been lost.
    func pollAborted(_ number: UInt32) {
        guard number == pollCount, polling?.isPolled == true else { return }
        end(.transportClose)
    }

    /// A WebSocket is about to take over: the poll that waits has to end for that.
    func endPollForUpgrade() {
        guard let polling, polling.isPolled else { return }
        polling.send(EnginePacket.noop)
    }

    /// Begins a request with packets; `nil` if it may go on.
    func beginPost() -> PostAnswer? {
        guard polled() != nil else { return state == .closed ? .unknownSession : .otherTransport }
        guard !isPosting else {
            end(.transportError)
            return .overlap
        }
        isPosting = true
        return nil
    }

    /// Takes the packets of a request; the session may not survive them.
    func endPost(_ packets: [ClientMessage]) -> EventLoopFuture<PostAnswer> {
        guard let polling else {
            isPosting = false
            return shard.loop.makeSucceededFuture(state == .closed ? .unknownSession : .otherTransport)
        }
        return polling.receive(packets).assumeIsolated().map { [self] _ in
            isPosting = false
            return .taken
        }.nonisolated()
    }

    /// The request has failed: what it brought is lost, and with it the order of all that follows.
    func failPost() {
        isPosting = false
        end(.transportError)
    }
}
