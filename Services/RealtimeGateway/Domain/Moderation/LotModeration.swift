import EventSchema

/// What is in force while a lot of requests is carried out: what this node remembers, what had to be looked up, and what
/// the lot itself changes.
///
/// One lives as long as its transaction; ``findings`` is kept once that is durable.
final class LotModeration {
    /// What has to be remembered.
    struct Findings: Sendable {
        var sanctions: [String: SanctionsInForce] = [:]
        var spoken: [ModerationMemory.Speaker: Timestamp] = [:]
    }

    private let memory: ModerationMemory
    /// What is remembered, as the lot has found it.
    private var known: [String: SanctionsInForce] = [:]
    private(set) var findings = Findings()

    init(_ memory: ModerationMemory) {
        self.memory = memory
    }

    func sanctions(
        in conversationID: String,
        at now: Timestamp,
        _ transaction: any ConversationTransaction
    ) throws -> SanctionsInForce {
        if let sanctions = findings.sanctions[conversationID] ?? known[conversationID] { return sanctions }
        if let sanctions = memory.sanctions(in: conversationID) {
            known[conversationID] = sanctions
            return sanctions
        }
        let sanctions = try SanctionsInForce(of: conversationID, at: now, in: transaction)
        findings.sanctions[conversationID] = sanctions
        return sanctions
    }

    /// Puts what somebody has decided in force for the rest of the lot.
    func apply(_ event: ModerationEvent, to sanctions: SanctionsInForce) {
        var sanctions = sanctions
        sanctions.apply(event)
        findings.sanctions[event.conversation.id] = sanctions
    }

    /// Why a message is not taken; in slow mode one that is counts.
    func refusal(of request: ConversationRequest, _ sanctions: SanctionsInForce) -> Refusal? {
        guard !request.isModerator else { return nil }
        let (key, userID) = (request.conversation, request.author.userID)
        if let refusal = sanctions.silence(of: userID, at: request.at) { return refusal }
        guard let interval = sanctions.interval(for: userID, in: key.kind) else { return nil }
        let speaker = ModerationMemory.Speaker(conversationID: key.id, userID: userID)
        if let last = findings.spoken[speaker] ?? memory.lastSpoken(speaker) {
            let rest = last.milliseconds + interval * 1000 - request.at.milliseconds
            if rest > 0 { return .tooFast(.untilSecond(milliseconds: min(rest, interval * 1000))) }
        }
        findings.spoken[speaker] = request.at
        return nil
    }
}

extension Refusal {
    fileprivate static func tooFast(_ wait: Duration) -> Refusal {
        Refusal(
            .slowMode,
            "Slow mode: wait \(wait.components.seconds) seconds between two messages",
            retryAfter: wait
        )
    }
}
