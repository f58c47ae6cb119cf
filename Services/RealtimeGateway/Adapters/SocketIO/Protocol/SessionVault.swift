package import RealtimeHTTP

/// Where it is stored what it takes to put clients back that this process has not seen: after a restart, or on another node.
///
/// Without one, clients come back only to the process that they lost.
package protocol SessionVault: Sendable {
    /// Stores a session, or what is new about it; returns without waiting.
    func save(_ session: StoredSession)

    /// The session has ended for good.
    func remove(_ pid: String)

    /// The session, if it may still come back; whoever asks has it from there on. Fails by itself in good time.
    func load(_ pid: String) async -> StoredSession?

    /// The events on `topics` that their publishers order behind `order`, ascending; `nil` if they are not all there.
    func missed(on topics: [String], after order: UInt64) async -> [TopicEvent]?
}

/// A client of one namespace, as it is stored.
package struct StoredSession: Sendable, Hashable {
    /// By which the client comes back; a secret.
    package let pid: String
    package let sid: String
    package let namespace: String
    package let topics: [String]
    /// What its handler has to say about it.
    package let state: [UInt8]

    package init(pid: String, sid: String, namespace: String, topics: [String], state: [UInt8]) {
        self.pid = pid
        self.sid = sid
        self.namespace = namespace
        self.topics = topics
        self.state = state
    }
}
