import EventSchema

/// What the store says of a conversation and of somebody who comes to it, as of one moment.
struct Opening: Sendable {
    let conversation: Conversation?
    let isMember: Bool
    let arrival: Arrival
    /// What is in force here, if something can be.
    let sanctions: SanctionsInForce?
    var entry: ConversationRegistry.Entry {
        ConversationRegistry.Entry(conversation: arrival.conversation, lastSeq: arrival.seq)
    }

    init(
        _ key: ConversationKey,
        _ identity: Identity,
        since resume: ResumePoint?,
        rules: ConversationRules,
        sanctions: SanctionsInForce?,
        at now: Timestamp,
        in transaction: any ConversationTransaction
    ) throws {
        self.sanctions =
            try sanctions
            ?? (key.kind.isModerated ? SanctionsInForce(of: key.id, at: now, in: transaction) : nil)
        conversation = try transaction.conversation(key)
        isMember =
            conversation?.access == .private ? try transaction.isMember(identity.userID, of: key) : false
        let last = try transaction.lastSeq(of: key)
        let missed = try Self.missed(key, since: resume, last: last, rules: rules, in: transaction)
        arrival = Arrival(
            conversation: conversation ?? Conversation(key),
            recovered: missed != nil,
            seq: last,
            missed: missed ?? []
        )
    }

    /// `nil` if the client does not say where it was, was nowhere here, or has missed too much.
    private static func missed(
        _ key: ConversationKey,
        since resume: ResumePoint?,
        last: Int64,
        rules: ConversationRules,
        in transaction: any ConversationTransaction
    ) throws -> [StoredMessage]? {
        let start: Int64? =
            switch resume {
            case nil: nil
            case .seq(let seq): seq
            case .message(let id): try transaction.seq(of: id, in: key)
            }
        guard let start, (0...last).contains(start), last - start <= Int64(rules.recoveryLimit) else { return nil }
        guard start < last else { return [] }
        let missed = try transaction.messages(of: key, after: start, limit: rules.recoveryLimit)
        return missed.reduce(0) { $0 + $1.weight } <= rules.recoveryBytes ? missed : nil
    }
}
