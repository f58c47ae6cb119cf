import NIOCore
import RealtimeHTTP

/// A connection's membership of one channel.
///
/// Touched only on the connection's event loop, which guards it when presence carries it between threads.
final class ChannelMembership: ChannelTableMember, @unchecked Sendable {
    let topic: String
    let joinRef: MessageReference
    let channel: any PhoenixChannel
    /// `nil` once the membership has ended, with the connection or before.
    var session: PhoenixSession?
    var subscription: Subscription?
    /// What this member is present as.
    var presences: [(key: String, ref: String)] = []

    init(topic: String, joinRef: MessageReference, channel: any PhoenixChannel, session: PhoenixSession) {
        self.topic = topic
        self.joinRef = joinRef
        self.channel = channel
        self.session = session
    }

    /// Sends the member a message of its own.
    func push(_ event: String, _ payload: EventContent) {
        session?.push(event, payload, to: self)
    }
}
