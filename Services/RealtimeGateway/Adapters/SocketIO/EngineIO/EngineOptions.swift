import RealtimeHTTP

/// How an Engine.IO server behaves.
package struct EngineOptions: Sendable {
    /// From one ping to the next: 25 s, as in Engine.IO 6.
    package var pingInterval: Duration
    /// How long a client may take to answer a ping: 20 s, as in Engine.IO 6.
    package var pingTimeout: Duration
    /// Bytes of the largest request with packets, and of the largest WebSocket message: 1,000,000, as in Engine.IO 6.
    package var maxPayload: Int
    /// How long a WebSocket may take to take a polling session over: 10 s, as in Engine.IO 6.
    package var upgradeTimeout: Duration
    /// How long what was sent last waits for a poll after the application has closed a session.
    package var closing: Duration
    /// Bytes that may wait for the next poll; one more ends the session.
    package var outboundBytes: Int
    /// Polling sessions of this node; 0 for none at all.
    package var pollingSessions: Int
    /// Packets that one poll is answered with, unless they belong together: 16, since python-engineio refuses more.
    package var packetsPerPoll: Int

    package init(
        pingInterval: Duration = .seconds(25),
        pingTimeout: Duration = .seconds(20),
        maxPayload: Int = 1_000_000,
        upgradeTimeout: Duration = .seconds(10),
        closing: Duration = .seconds(10),
        outboundBytes: Int = 1 << 20,
        pollingSessions: Int = 10_000,
        packetsPerPoll: Int = 16
    ) {
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.maxPayload = maxPayload
        self.upgradeTimeout = upgradeTimeout
        self.closing = closing
        self.outboundBytes = outboundBytes
        self.pollingSessions = pollingSessions
        self.packetsPerPoll = packetsPerPoll
    }

    /// Pings look after who is there, so a poll may wait as long as there are any.
    var polling: PollingLimits {
        let longest = pingInterval + pingTimeout + .seconds(60)
        return PollingLimits(
            window: longest,
            patience: longest,
            messageBytes: maxPayload,
            bodyBytes: maxPayload + 4096,
            outboundBytes: outboundBytes,
            sessions: pollingSessions,
            messagesPerPoll: packetsPerPoll,
            separator: EngineFraming.separator
        )
    }
}
