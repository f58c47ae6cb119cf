import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// Lets clients into conversations, and tells those who come back what they have missed.
struct ConversationDoor {
    let conversations: Conversations
    let key: ConversationKey

    /// Answers a join: at once if nothing has to be looked up, else later.
    ///
    /// - Parameter page: Looks up what else is shown; if there is some, every join waits for the store.
    func join(
        _ payload: EventContent,
        _ context: ChannelContext,
        page: (@Sendable (Arrival) async throws(Refusal) -> ChannelPage)? = nil,
        refusal: @escaping @Sendable (Refusal) -> JSONObject = { $0.json },
        outcome: @escaping @Sendable (Arrival, ChannelPage?) -> JoinOutcome
    ) -> JoinOutcome {
        do throws(Refusal) {
            let resume = try Self.resumePoint(payload, context.identity)
            context.holdEvents()
            if page == nil, let arrival = conversations.arrival(at: key, since: resume, for: context.identity) {
                return outcome(arrival, nil)
            }
            guard let promise = context.eventLoop?.makePromise(of: JoinOutcome.self) else { throw .busy }
            Task { [conversations, key, identity = context.identity] in
                do throws(Refusal) {
                    let arrival = try await conversations.arrival(at: key, of: identity, since: resume)
                    promise.succeed(outcome(arrival, try await page?(arrival)))
                } catch {
                    promise.succeed(.refused(.object(refusal(error))))
                }
            }
            return .pending(promise.futureResult)
        } catch {
            return .refused(.object(refusal(error)))
        }
    }

    /// Where the client was: `last_seq` or `last_message_id` of its join.
    private static func resumePoint(_ payload: EventContent, _ identity: Identity) throws(Refusal) -> ResumePoint? {
        let bytes = payload.text.readableBytesUInt8Span
        let fields = try PayloadFields(bytes)
        try fields.checkAuthor(identity, in: bytes)
        if let value = try fields.value("last_seq", in: bytes) {
            guard let seq = value.integerValue, seq >= 0 else {
                throw Refusal(.invalidPayload, "must be a number of at least 0", field: "last_seq")
            }
            return .seq(seq)
        }
        return try fields.identifier("last_message_id", in: bytes).map(ResumePoint.message)
    }

    /// What a member is sent after the answer: what it has missed, as it would have got it.
    static func catchUp(_ arrival: Arrival) -> CatchUp {
        let key = arrival.conversation.key
        return CatchUp(
            events: arrival.missed.compactMap { ConversationBroadcasts.topicEvent(.posted($0), in: key) },
            seq: arrival.seq
        )
    }

    /// What a join's answer says about recovery.
    static func recovery(_ arrival: Arrival) -> JSONObject {
        ["recovered": .bool(arrival.recovered), "seq": .integer(arrival.seq)]
    }
}

extension Conversations {
    /// Has a command carried out; the future, on the member's loop, brings what came of it.
    func perform(
        _ command: ConversationCommand,
        in key: ConversationKey,
        at now: Timestamp,
        _ context: ChannelContext
    ) -> EventLoopFuture<Result<ConversationEvent, Refusal>>? {
        guard let promise = context.eventLoop?.makePromise(of: Result<ConversationEvent, Refusal>.self) else {
            return nil
        }
        perform(ConversationRequest(command, in: key, by: context.identity, at: now)) { promise.succeed($0) }
        return promise.futureResult
    }
}
