import EventSchema

/// What is in force for one conversation id, and who may change it.
///
/// Nothing of it binds who is known as a moderator by their token.
struct SanctionsInForce: Sendable {
    /// Bans and mutes of one id; more are not imposed.
    static let maximumCount = 10_000

    private var bans: [String: Sanction] = [:]
    private var mutes: [String: Sanction] = [:]
    private var slowMode: Sanction?
    private let owners: [ConversationKey.Kind: String]

    init(owners: [ConversationKey.Kind: String] = [:]) {
        self.owners = owners
    }

    /// Reads what the store has.
    init(of conversationID: String, at now: Timestamp, in transaction: any ConversationTransaction) throws {
        self.init(owners: try transaction.owners(of: conversationID))
        // Nodes that impose at the same moment may go beyond the bound by a few.
        for sanction in try transaction.sanctions(in: conversationID, at: now, limit: 2 * Self.maximumCount) {
            note(sanction)
        }
    }

    var count: Int { bans.count + mutes.count }
    /// Whether everybody may speak at any time.
    var isEmpty: Bool { bans.isEmpty && mutes.isEmpty && slowMode == nil }

    /// Seconds between two messages of `userID`, in slow mode.
    func interval(for userID: String, in kind: ConversationKey.Kind) -> Int64? {
        owners[kind] == userID ? nil : slowMode?.interval
    }

    /// Why a user may not come.
    func ban(of userID: String, at now: Timestamp) -> Refusal? { bans[userID]?.refusal(at: now) }

    /// Why a user may not speak, whatever they have to say.
    func silence(of userID: String, at now: Timestamp) -> Refusal? {
        ban(of: userID, at: now) ?? mutes[userID]?.refusal(at: now)
    }

    func isOwner(_ userID: String, of kind: ConversationKey.Kind) -> Bool { owners[kind] == userID }

    // MARK: Changing

    mutating func apply(_ event: ModerationEvent) {
        switch event.action {
        case .unban(let user): bans[user] = nil
        case .unmute(let user): mutes[user] = nil
        case .slowMode(nil): slowMode = nil
        case .ban, .mute, .slowMode: event.sanction.map { note($0) }
        }
    }

    private mutating func note(_ sanction: Sanction) {
        switch sanction.kind {
        case .ban: bans[sanction.userID] = sanction
        case .mute: mutes[sanction.userID] = sanction
        case .slowMode: slowMode = sanction
        }
    }

    /// Whether somebody may do what they want to.
    func check(_ request: ConversationRequest, _ action: ModerationAction) throws(Refusal) {
        let author = request.author.userID
        guard request.isModerator || isOwner(author, of: request.conversation.kind) else {
            throw Refusal(.forbidden, "Only moderators and the owner may do that")
        }
        guard let sanctioned = action.sanctionedUserID else { return }
        guard sanctioned != author else { throw Refusal(.forbidden, "Nobody may do that to themselves") }
        guard request.isAdmin || !owners.values.contains(sanctioned) else {
            throw Refusal(.forbidden, "Only an admin may do that to the owner")
        }
        guard count < Self.maximumCount || bans[sanctioned] != nil || mutes[sanctioned] != nil else {
            throw Refusal(.forbidden, "Too many are banned or muted here already")
        }
    }
}

extension ModerationAction {
    /// On whom it imposes something.
    fileprivate var sanctionedUserID: String? {
        switch self {
        case .ban(let user, _, _), .mute(let user, _, _): user
        case .unban, .unmute, .slowMode: nil
        }
    }
}
