package import EventSchema
package import Foundation

/// The conversations of this node's clients: takes what they want to say, makes it durable, and has everybody told.
///
/// Requests of all clients are written one lot after the other, each lot in one transaction: while one is being committed
/// the next gathers. What has happened in a conversation is told in the order of the messages' seq, each thing once, and
/// only once it is durable.
package final class Conversations: Sendable {
    let store: any ConversationStore
    let audience: any ConversationAudience
    private let clients: (any ConnectedClients)?
    private let rules: ConversationRules
    private let access: ConversationAccess
    private let registry = ConversationRegistry()
    private let queue: RequestQueue
    private let profiles = KnownProfiles()
    let names = TalkNames()
    let moderation = ModerationMemory()
    let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - clients: From whom those go who are banned here.
    ///   - capacity: Requests that wait for the store; more are refused.
    ///   - now: By which sanctions end for those who come.
    package init(
        store: any ConversationStore,
        audience: any ConversationAudience,
        rules: ConversationRules = ConversationRules(),
        access: ConversationAccess = ConversationAccess(),
        clients: (any ConnectedClients)? = nil,
        capacity: Int = 10_000,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.store = store
        self.audience = audience
        self.rules = rules
        self.access = access
        self.clients = clients
        self.now = now
        queue = RequestQueue(capacity: capacity)
    }

    // MARK: Asking for something

    /// Has `request` carried out; `answer` is called on some thread, once what has happened is durable and was told.
    ///
    /// Requests are carried out in the order of the calls.
    package func perform(
        _ request: ConversationRequest,
        _ answer: @escaping @Sendable (Result<ConversationEvent, Refusal>) -> Void
    ) {
        guard queue.append(RequestQueue.Entry(request: request, answer: answer)) else { return answer(.failure(.busy)) }
    }

    /// Carries out requests until ``finish()``.
    package func run() async {
        while let lot = await queue.next() { await carryOut(lot) }
    }

    /// Takes no more requests; ``run()`` ends when those that it has are carried out.
    package func finish() { queue.finish() }

    private func carryOut(_ lot: [RequestQueue.Entry]) async {
        let requests = lot.map(\.request)
        let newcomers = profiles.changes(requests.map(\.author))
        let revision = beginModeration(requests)
        do {
            let (outcomes, findings) = try await store.write { [rules, moderation] transaction in
                for profile in newcomers { try transaction.save(profile, at: requests[0].at) }
                let lot = LotModeration(moderation)
                let outcomes = try RequestProcessor(rules: rules, moderation: lot).apply(requests, in: transaction)
                return (outcomes, lot.findings)
            }
            profiles.note(newcomers)
            moderation.keep(findings.sanctions, as: revision)
            moderation.keep(findings.spoken)
            conclude(lot, outcomes)
            await expelBanned(outcomes)
        } catch is UnknownOutcome {
            // What cannot be found may be there all the same: who comes next is told by the store, and not from memory.
            for request in requests { registry.forget(request.conversation) }
            abandonModeration(requests)
            conclude(lot, await StoredRequests(store).find(requests))
        } catch is StoreUnavailable {
            refuse(lot)
        } catch {
            // One of them is at fault, and the others are not to suffer for it.
            guard lot.count > 1 else { return refuse(lot) }
            for entry in lot { await carryOut([entry]) }
        }
    }

    private func refuse(_ lot: [RequestQueue.Entry]) {
        conclude(lot, Array(repeating: .failure(.busy), count: lot.count))
    }

    private func conclude(_ lot: [RequestQueue.Entry], _ outcomes: [RequestProcessor.Outcome]) {
        for (entry, outcome) in zip(lot, outcomes) {
            if case .success(let event) = outcome { tell(event, entry.request.conversation) }
            entry.answer(outcome)
        }
    }

    /// Those go who were in when they were banned.
    private func expelBanned(_ outcomes: [RequestProcessor.Outcome]) async {
        guard let clients else { return }
        for case .success(.moderated(let event)) in outcomes {
            guard case .ban(let user, _, _) = event.action else { continue }
            await clients.expel(banned: user, from: event.conversation.id)
        }
    }

    private func tell(_ event: ConversationEvent, _ key: ConversationKey) {
        if case .posted(let message) = event {
            registry.posted(message.seq, in: key)
            names.posted(in: key)
        }
        audience.tell(event, in: key)
    }

    // MARK: Coming

    /// How a client finds a conversation, if that is known without asking the store.
    ///
    /// The client must have subscribed to the conversation before.
    package func arrival(
        at key: ConversationKey,
        since resume: ResumePoint?,
        for identity: Identity? = nil
    ) -> Arrival? {
        guard let entry = registry.entry(key), access.admitsAtOnce(identity, to: entry.conversation),
            isKnownToBeFree(identity, in: key)
        else { return nil }
        switch resume {
        case nil: return Arrival(conversation: entry.conversation, recovered: false, seq: entry.lastSeq)
        case .seq(entry.lastSeq):
            return Arrival(conversation: entry.conversation, recovered: true, seq: entry.lastSeq)
        case .seq, .message: return nil
        }
    }

    /// How a client finds a conversation, by the store.
    ///
    /// The client must have subscribed to the conversation before.
    package func arrival(
        at key: ConversationKey,
        of identity: Identity,
        since resume: ResumePoint?
    ) async throws(Refusal) -> Arrival {
        try checkKnownBan(of: identity, in: key)
        try await access.check(identity, key)
        let (revision, sanctions) = (moderation.revision, moderation.sanctions(in: key.id))
        registry.beginLoad(key)
        var found: ConversationRegistry.Entry?
        defer { registry.endLoad(key, found) }
        do {
            let now = now()
            let opening = try await store.read { [rules] transaction in
                try Opening(
                    key,
                    identity,
                    since: resume,
                    rules: rules,
                    sanctions: sanctions,
                    at: now,
                    in: transaction
                )
            }
            found = opening.entry
            let arrival = try access.admit(identity, to: opening)
            if sanctions == nil, let read = opening.sanctions { moderation.keep([key.id: read], as: revision) }
            if let sanctions = opening.sanctions { try checkBan(of: identity, in: sanctions) }
            return arrival
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw .busy
        }
    }

    /// Whether everybody with a token may come to a conversation; false where that cannot be told.
    package func isOpenToAll(_ key: ConversationKey) async -> Bool {
        guard !access.asksBackend else { return false }
        if let entry = registry.entry(key), access.admitsAtOnce(nil, to: entry.conversation) { return true }
        // Somebody who belongs nowhere is let in where all are.
        return (try? await arrival(at: key, of: Identity(userID: ""), since: nil)) != nil
    }

    /// The last messages outside of threads up to a seq, in ascending order.
    package func page(of key: ConversationKey, through seq: Int64 = .max - 1) async throws(Refusal) -> [StoredMessage] {
        try await page(of: key) { _ in seq + 1 }
    }

    /// The last messages outside of threads before message `id`, in ascending order.
    package func page(of key: ConversationKey, before id: UUID) async throws(Refusal) -> [StoredMessage] {
        try await page(of: key) { transaction in
            guard let seq = try transaction.seq(of: id, in: key) else {
                throw Refusal(.notFound, "is no message of this channel", field: "before_id")
            }
            return seq
        }
    }

    private func page(
        of key: ConversationKey,
        before seq: @escaping @Sendable (any ConversationTransaction) throws -> Int64
    ) async throws(Refusal) -> [StoredMessage] {
        do {
            return try await store.read { [rules] transaction in
                let page = try transaction.messages(of: key, before: try seq(transaction), limit: rules.pageSize)
                // The newest that may be sent at once, and one at least.
                var bytes = 0
                return page.reversed().prefix { message in
                    defer { bytes += message.weight }
                    return bytes == 0 || bytes + message.weight <= rules.recoveryBytes
                }.reversed()
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw .busy
        }
    }

    /// Messages whose ids order behind `order`, in ascending order; `nil` if they are more than a client is sent at once.
    package func messages(of key: ConversationKey, newerThan order: UInt64) async throws(Refusal) -> [StoredMessage]? {
        do {
            return try await store.read { [rules] transaction in
                let limit = rules.recoveryLimit
                let messages = try transaction.messages(of: key, newerThan: order, limit: limit + 1)
                let bytes = messages.reduce(0) { $0 + $1.weight }
                return messages.count <= limit && bytes <= rules.recoveryBytes ? messages : nil
            }
        } catch {
            throw .busy
        }
    }

    /// How far somebody has read.
    package func readReceipt(of userID: String, in key: ConversationKey) async throws(Refusal) -> ReadReceipt? {
        do {
            return try await store.read { try $0.readReceipt(of: userID, in: key) }
        } catch {
            throw .busy
        }
    }

    // MARK: Changes

    /// What is known of a conversation has changed.
    package func changed(_ key: ConversationKey) {
        access.forget(key)
        registry.forget(key)
        names.forget(key.id)
        // It may have another owner.
        if key.kind.isModerated { moderation.forget(key.id) }
    }

    /// Whether a backend decides who may come, and not the members that are stored here.
    var asksBackend: Bool { access.asksBackend }

    /// Those of `users` who may not be in a conversation, so far as the store tells.
    func strangers(among users: Set<String>, in key: ConversationKey) async throws(Refusal) -> Set<String> {
        do {
            return try await store.read { [access] in try access.strangers(among: users, in: key, $0) }
        } catch {
            throw .busy
        }
    }
}
