import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP

extension WorkspaceChannel {
    /// Bytes of the id by which a client knows its message before we do.
    private static let maximumTemporaryID = 255

    // MARK: Sending

    func send(_ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
        let temporaryID = Self.temporaryID(payload)
        do throws(Refusal) {
            let draft = try MessageDraft(
                payload.text.readableBytesUInt8Span,
                in: key,
                author: context.identity,
                at: now()
            )
            try limits.checkMessage(context.identity, in: key)
            guard let result = conversations.perform(.send(draft), in: key, at: draft.insertedAt, context) else {
                return .noReply
            }
            stopTyping(context)
            return .pending(
                result.assumeIsolated().map { Self.answer($0, temporaryID, context) }.nonisolated()
            )
        } catch {
            return Self.refuse(error, temporaryID, context)
        }
    }

    private static func temporaryID(_ payload: EventContent) -> JSONValue? {
        let bytes = payload.text.readableBytesUInt8Span
        guard let fields = try? PayloadFields(bytes) else { return nil }
        return (try? fields.text("temp_id", maximum: maximumTemporaryID, in: bytes)).flatMap { $0 }
            .map(JSONValue.string)
    }

    private static func answer(
        _ result: Result<ConversationEvent, Refusal>,
        _ temporaryID: JSONValue?,
        _ context: ChannelContext
    ) -> EventOutcome {
        switch result {
        case .success(.posted(let message)):
            let isReply = message.threadID != nil
            var answer: JSONObject = [isReply ? "reply" : "message": ChannelSpelling.message(message)]
            answer["temp_id"] = temporaryID
            let content = EventContent.object(answer)
            context.push(isReply ? "thread_reply_sent" : "message_sent", content)
            return .reply(.ok, content)
        case .success: return .reply(.ok)
        case .failure(let refusal): return refuse(refusal, temporaryID, context)
        }
    }

    private static func refuse(
        _ refusal: Refusal,
        _ temporaryID: JSONValue?,
        _ context: ChannelContext
    ) -> EventOutcome {
        var answer: JSONObject = refusal.field == nil ? refusal.json : [:]
        answer["temp_id"] = temporaryID
        answer["errors"] = [refusal.field ?? "base": [.string(refusal.detail)]]
        let content = EventContent.object(answer)
        context.push("message_error", content)
        return .reply(.error, content)
    }

    // MARK: Editing

    func edit(_ payload: EventContent, _ context: ChannelContext) -> EventOutcome {
        let bytes = payload.text.readableBytesUInt8Span
        var messageID: JSONValue?
        do throws(Refusal) {
            let fields = try PayloadFields(bytes)
            let id = try fields.requiredIdentifier("message_id", in: bytes)
            messageID = .string(id.lowercased)
            let content = try fields.content(in: bytes)
            guard
                let result = conversations.perform(.edit(message: id, content: content), in: key, at: now(), context)
            else { return .noReply }
            return .pending(
                result.assumeIsolated().map { Self.answer($0, .string(id.lowercased), editing: context) }.nonisolated()
            )
        } catch {
            return Self.refuse(error, messageID, editing: context)
        }
    }

    private static func answer(
        _ result: Result<ConversationEvent, Refusal>,
        _ messageID: JSONValue,
        editing context: ChannelContext
    ) -> EventOutcome {
        switch result {
        case .success(.edited(let message)):
            let content = EventContent.object(["message": ChannelSpelling.message(message)])
            context.push("message_edited", content)
            return .reply(.ok, content)
        case .success: return .reply(.ok)
        case .failure(let refusal): return refuse(refusal, messageID, editing: context)
        }
    }

    /// Contract 5 has a sentence where others have a word.
    private static func refuse(
        _ refusal: Refusal,
        _ messageID: JSONValue?,
        editing context: ChannelContext
    ) -> EventOutcome {
        var answer: JSONObject = ["reason": .string(refusal.message)]
        answer["message_id"] = messageID
        let content = EventContent.object(answer)
        context.push("edit_error", content)
        return .reply(.error, content)
    }

    // MARK: History

    func loadOlder(_ payload: EventContent, _ context: ChannelContext) throws(Refusal) -> EventOutcome {
        let bytes = payload.text.readableBytesUInt8Span
        let before = try PayloadFields(bytes).requiredIdentifier("before_id", in: bytes)
        guard let promise = context.eventLoop?.makePromise(of: Result<EventContent, Refusal>.self) else {
            return .noReply
        }
        Task { [conversations, key] in
            do throws(Refusal) {
                promise.succeed(.success(ChannelPage.payload(try await conversations.page(of: key, before: before))))
            } catch {
                promise.succeed(.failure(error))
            }
        }
        return .pending(
            promise.futureResult.assumeIsolated().map { result -> EventOutcome in
                switch result {
                case .success(let page):
                    context.push("older_messages_loaded", page)
                    return .reply(.ok, page)
                case .failure(let refusal): return .reply(.error, .object(refusal.json))
                }
            }.nonisolated()
        )
    }
}
