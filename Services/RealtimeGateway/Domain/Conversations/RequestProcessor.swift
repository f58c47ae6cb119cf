import EventSchema
import Foundation

/// Carries out requests within a transaction, by the rules.
struct RequestProcessor {
    typealias NewMessage = (id: UUID, draft: MessageDraft)
    typealias Outcome = Result<ConversationEvent, Refusal>

    let rules: ConversationRules
    let moderation: LotModeration

    /// Carries out `requests` in their order; one that is refused stands in nobody's way.
    ///
    /// - Throws: what the store throws; then nothing of it was done.
    func apply(_ requests: [ConversationRequest], in transaction: any ConversationTransaction) throws -> [Outcome] {
        var outcomes: [Outcome] = []
        var rest = requests[...]
        while let request = rest.first {
            let messages = Self.messages(rest)
            if messages.isEmpty {
                outcomes.append(try outcome(of: request, transaction))
                rest.removeFirst()
            } else {
                outcomes += try admit(messages, in: request.conversation, transaction)
                rest.removeFirst(messages.count)
            }
        }
        return outcomes
    }

    // MARK: Posting

    /// Those at the beginning that send messages to the same conversation, and outside of threads, which have to be looked
    /// up.
    private static func messages(_ requests: ArraySlice<ConversationRequest>) -> ArraySlice<ConversationRequest> {
        let key = requests.first?.conversation
        return requests.prefix { request in
            guard case .send(let draft) = request.command else { return false }
            return draft.threadID == nil && draft.conversation == key
        }
    }

    private static func message(_ request: ConversationRequest) -> NewMessage? {
        if case .send(let draft) = request.command { (request.id, draft) } else { nil }
    }

    /// Posts the messages of those who may speak.
    private func admit(
        _ requests: ArraySlice<ConversationRequest>,
        in key: ConversationKey,
        _ transaction: any ConversationTransaction
    ) throws -> [Outcome] {
        guard let sanctions = try sanctions(on: requests, in: key, transaction) else {
            return try post(requests.compactMap(Self.message), in: key, transaction)
        }
        let refusals = requests.map { moderation.refusal(of: $0, sanctions) }
        let admitted = zip(requests, refusals).compactMap { $1 == nil ? Self.message($0) : nil }
        var posted = try admitted.isEmpty ? [] : post(admitted, in: key, transaction)[...]
        return refusals.map { refusal in
            if let refusal { .failure(refusal) } else { posted.removeFirst() }
        }
    }

    /// What may keep somebody from speaking; `nil` if nothing does.
    private func sanctions(
        on requests: ArraySlice<ConversationRequest>,
        in key: ConversationKey,
        _ transaction: any ConversationTransaction
    ) throws -> SanctionsInForce? {
        guard key.kind.isModerated, let now = requests.first?.at else { return nil }
        let sanctions = try moderation.sanctions(in: key.id, at: now, transaction)
        return sanctions.isEmpty ? nil : sanctions
    }

    private func post(
        _ messages: [NewMessage],
        in conversation: ConversationKey,
        _ transaction: any ConversationTransaction
    ) throws -> [Outcome] {
        let first = try transaction.append(messages, to: conversation)
        return messages.enumerated().map { index, message in
            .success(.posted(StoredMessage(message.draft, id: message.id, seq: first + Int64(index))))
        }
    }

    private func reply(_ message: NewMessage, _ transaction: any ConversationTransaction) throws -> Outcome {
        let draft = message.draft
        guard let id = draft.threadID, let parent = try transaction.message(id, in: draft.conversation) else {
            return .failure(Refusal(.notFound, "is no message of this channel", field: "thread_id"))
        }
        guard parent.threadID == nil else {
            return .failure(Refusal(.invalidContent, "is itself a reply in a thread", field: "thread_id"))
        }
        return try post([message], in: draft.conversation, transaction)[0]
    }

    // MARK: Everything else

    private func outcome(
        of request: ConversationRequest,
        _ transaction: any ConversationTransaction
    ) throws -> Outcome {
        do {
            switch request.command {
            case .send(let draft): return try reply((request.id, draft), transaction)
            case .edit(let id, let content): return .success(.edited(try edit(id, content, request, transaction)))
            case .delete(let id):
                try delete(id, request, transaction)
                return .success(.deleted(message: id))
            case .react(let id, let emoji): return .success(try react(id, emoji, request, transaction))
            case .withdraw(let id): return .success(.withdrawn(try withdraw(id, request, transaction)))
            case .startThread(let id): return .success(.threadStarted(try startThread(id, request, transaction)))
            case .markRead(let id): return .success(try markRead(id, request, transaction))
            case .moderate(let action): return .success(.moderated(try moderate(action, request, transaction)))
            }
        } catch let refusal as Refusal {
            return .failure(refusal)
        }
    }

    private func message(
        _ id: UUID,
        _ request: ConversationRequest,
        _ transaction: any ConversationTransaction
    ) throws -> StoredMessage {
        guard let message = try transaction.message(id, in: request.conversation) else {
            throw Refusal(.notFound, "Message not found")
        }
        return message
    }

    private func edit(
        _ id: UUID,
        _ content: MessageContent,
        _ request: ConversationRequest,
        _ transaction: any ConversationTransaction
    ) throws -> StoredMessage {
        var message = try message(id, request, transaction)
        guard message.author.userID == request.author.userID else {
            throw Refusal(.forbidden, "Only its author may edit a message")
        }
        let age = request.at.milliseconds - message.insertedAt.milliseconds
        guard .milliseconds(age) <= rules.editWindow else { throw Refusal(.tooLate, "Edit time limit exceeded") }
        message.mentions = message.conversation.kind == .channel ? Mentions.find(in: content.text) : []
        try transaction.setContent(of: id, content, mentions: message.mentions, at: request.at)
        message.content = content
        message.editedAt = request.at
        return message
    }

    private func delete(
        _ id: UUID,
        _ request: ConversationRequest,
        _ transaction: any ConversationTransaction
    ) throws {
        let message = try message(id, request, transaction)
        guard
            try message.author.userID == request.author.userID || request.isModerator || isOwner(request, transaction)
        else { throw Refusal(.forbidden, "Only its author or a moderator may delete a message") }
        try transaction.delete(id, at: request.at)
    }

    private func isOwner(
        _ request: ConversationRequest,
        _ transaction: any ConversationTransaction
    ) throws -> Bool {
        try transaction.conversation(request.conversation)?.ownerID == request.author.userID
    }

    private func react(
        _ id: UUID,
        _ emoji: String,
        _ request: ConversationRequest,
        _ transaction: any ConversationTransaction
    ) throws -> ConversationEvent {
        _ = try message(id, request, transaction)
        let reaction = Reaction(
            id: request.id,
            messageID: id,
            emoji: emoji,
            user: request.author,
            insertedAt: request.at
        )
        let counts = try transaction.reactionCounts(of: id, by: request.author.userID)
        guard counts.all < rules.reactionLimit, counts.own < rules.reactionLimitPerUser else {
            throw Refusal(.forbidden, "There are too many reactions to this message")
        }
        let stored = try transaction.add(reaction)
        return stored.id == reaction.id ? .reacted(stored) : .reactedBefore(stored)
    }

    private func withdraw(
        _ id: UUID,
        _ request: ConversationRequest,
        _ transaction: any ConversationTransaction
    ) throws -> Reaction {
        guard let reaction = try transaction.reaction(id, in: request.conversation) else {
            throw Refusal(.notFound, "Reaction not found")
        }
        guard reaction.user.userID == request.author.userID || request.isModerator else {
            throw Refusal(.forbidden, "Only who made a reaction may remove it")
        }
        try transaction.remove(reaction: id)
        return reaction
    }

    private func startThread(
        _ id: UUID,
        _ request: ConversationRequest,
        _ transaction: any ConversationTransaction
    ) throws -> MessageThread {
        guard try message(id, request, transaction).threadID == nil else {
            throw Refusal(.invalidContent, "A reply cannot start a thread")
        }
        return try transaction.startThread(at: id, request.at)
    }

    private func markRead(
        _ id: UUID,
        _ request: ConversationRequest,
        _ transaction: any ConversationTransaction
    ) throws -> ConversationEvent {
        guard let seq = try transaction.seq(of: id, in: request.conversation) else {
            throw Refusal(.notFound, "Message not found")
        }
        let receipt = ReadReceipt(userID: request.author.userID, messageID: id, seq: seq, readAt: request.at)
        return try transaction.markRead(receipt, in: request.conversation) ? .read(receipt) : .readBefore(receipt)
    }

    private func moderate(
        _ action: ModerationAction,
        _ request: ConversationRequest,
        _ transaction: any ConversationTransaction
    ) throws -> ModerationEvent {
        let key = request.conversation
        guard key.kind.isModerated else { throw Refusal(.forbidden, "Only rooms and streams are moderated") }
        try action.check()
        let sanctions = try moderation.sanctions(in: key.id, at: request.at, transaction)
        try sanctions.check(request, action)
        let event = ModerationEvent(id: request.id, action, in: key, by: request.author, at: request.at)
        // First what may be refused, so that a refusal leaves nothing behind.
        try transaction.tellNodes(event)
        switch action {
        case .unban(let user): try transaction.lift(.ban, of: user, in: key.id)
        case .unmute(let user): try transaction.lift(.mute, of: user, in: key.id)
        case .slowMode(nil): try transaction.lift(.slowMode, of: "", in: key.id)
        case .ban, .mute, .slowMode: if let sanction = event.sanction { try transaction.save(sanction, in: key.id) }
        }
        moderation.apply(event, to: sanctions)
        return event
    }
}
