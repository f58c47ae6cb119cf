import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// That one member is typing, until it says that it has stopped, sends, goes, or says nothing more for a while.
extension WorkspaceChannel {
    func startTyping(_ context: ChannelContext) throws(Refusal) -> EventOutcome {
        try limits.checkTyping(context.identity, in: key)
        guard let loop = context.eventLoop else { return .noReply }
        typing?.cancel()
        typing = loop.assumeIsolated().scheduleTask(in: TimeAmount(limits.typingTimeout)) { [self] in
            stopTyping(context)
        }
        context.broadcastFleeting(
            "typing_start",
            .object([
                "user_id": .string(context.identity.userID),
                "user_name": .string(context.identity.profile.name),
                "channel_id": .string(key.id),
            ])
        )
        return .reply(.ok)
    }

    func stopTyping(_ context: ChannelContext) {
        guard let typing else { return }
        typing.cancel()
        self.typing = nil
        context.broadcastFleeting(
            "typing_stop",
            .object(["user_id": .string(context.identity.userID), "channel_id": .string(key.id)])
        )
    }
}
