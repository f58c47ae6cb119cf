package import NIOCore
package import RealtimeDomain

/// A client that is connected by whatever transport, as the hub and the client's session see it.
///
/// It belongs to one shard, and everything here happens on the shard's event loop.
package protocol ClientConnection: TimerWheelMember, MessageSource, Sendable {
    var shard: Shard { get }

    // MARK: For its session

    /// Sends what the connection's serializer has written; many connections may share it.
    ///
    /// What is sent arrives in the order of the calls, or not at all once the connection closes.
    func send(_ frame: ByteBuffer)

    /// Closes the connection; what was sent before goes out first, if the client takes it. The session is told at once.
    func close(_ code: CloseCode, _ reason: String)

    /// Ends the connection at `deadline`, or at none, with the close that says why the session may not go on.
    func expire(at deadline: NIODeadline?)

    /// Takes no more from the client until ``resumeReading()``; what has been read already still comes.
    func pauseReading()

    func resumeReading()

    /// Has another session go on with the client, from the next message on; neither is told.
    ///
    /// Where the connection has closed already, `session` is told that.
    func handOver(to session: any ClientSession)

    /// Looks at the session's deadline anew.
    func deadlineChanged()

    // MARK: For the hub

    /// Sends an event; returns whether it is delivered, and for the caller to count.
    ///
    /// One that is not is counted by the connection: as delivered later, or as dropped.
    ///
    /// - Parameter run: What ends with the frame, and may be sent in one piece at the end of the turn.
    func deliver(_ frame: ByteBuffer, in run: FrameRun?, _ policy: DeliveryPolicy, _ counters: DeliveryCounters) -> Bool

    /// Who is at the other end; `nil` once the connection closes, and where nobody has to say.
    var user: Identity? { get }

    /// Has the session take the client off a topic.
    func expel(from topic: String, _ expulsion: Expulsion)

    /// Lets go of everything that was sent; the shard calls it once per turn.
    func flush()

    /// Bytes that wait until the client reads on.
    var waitingBytes: Int { get }
}

extension ClientConnection {
    package var client: (any ClientConnection)? { self }

    /// Closes the connection with a code that says enough.
    package func close(_ code: CloseCode) { close(code, "") }

    package func overrun() { close(.policyViolation, "too many messages at once") }
}
