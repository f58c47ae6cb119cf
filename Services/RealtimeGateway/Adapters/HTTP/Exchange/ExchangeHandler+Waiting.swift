import NIOCore

/// How long things may take, how much may wait, and how a connection ends.
extension ExchangeHandler {
    // MARK: Waiting

    /// Sees to it that nothing is waited for too long, and that not too much comes meanwhile.
    func rest(_ context: ChannelHandlerContext) {
        guard self.context != nil else { return }
        if isInputClosed { endOfInput(context) }
        guard self.context != nil else { return }
        pause(requests.waitingBytes > HeadParser.maximumBytes + wantedBytes, context)
        guard let deadline = patience.deadline(for: phase, now: .now()) else { return shard.wheel.remove(self) }
        if timerPosition == nil { shard.watch(self, until: deadline) }
        shard.wheel.reschedule(self, at: deadline)
    }

    /// Bytes of the content that is read now.
    private var wantedBytes: Int {
        guard case .receiving(let receiving) = state, receiving.length <= responder.contentLimit else { return 0 }
        return receiving.length
    }

    private var phase: ExchangePatience.Phase {
        switch state {
        case .reading: requests.isEmpty ? .idle : .head
        case .receiving(let receiving): .content(min(receiving.length, responder.contentLimit))
        case .answering: .answer
        case .done: hasSaidAll ? .farewell : .lastAnswer
        }
    }

    func pause(_ isToPause: Bool, _ context: ChannelHandlerContext) {
        guard isPaused != isToPause else { return }
        isPaused = isToPause
        try? context.channel.syncOptions?.setOption(.autoRead, value: !isToPause)
    }

    var client: (any ClientConnection)? { nil }

    func deadlinePassed(_ now: NIODeadline) -> NIODeadline? {
        if let deadline = patience.deadline, now < deadline { return deadline }
        context?.close(promise: nil)
        return nil
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { goOn(context) }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Going away

    /// No more will come: what is there is answered still, but nobody waits for a poll.
    private func endOfInput(_ context: ChannelHandlerContext) {
        switch state {
        // More is to be read, when the client has taken what it was answered.
        case .reading where !context.channel.isWritable && !requests.isEmpty: break
        case .reading: sayFarewell(context)
        case .receiving:
            if requests.waitingBytes < wantedBytes { context.close(promise: nil) }
        case .answering: abort()
        case .done: if hasSaidAll { context.close(promise: nil) }
        }
    }

    func abort() {
        guard case .answering(let onAbort?) = state else { return }
        state = .answering(onAbort: nil)
        onAbort()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            goOn(context)
        case is ChannelShouldQuiesceEvent:
            isLast = true
            guard case .reading = state, requests.isEmpty else { return }
            sayFarewell(context)
            rest(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .receiving(let receiving) = state, receiving.isAllowed { _ = receiving.finish(.aborted) }
        abort()
        end()
        gateway.ended(context.channel)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        state = .done
        shard.wheel.remove(self)
        context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
