/// Who may come to which conversation.
package struct ConversationAccess: Sendable {
    /// Whether a conversation that no backend has described is open to all, or nobody's.
    package let admitsUnknown: Bool
    private let authorizer: (any ConversationAuthorizer)?

    /// - Parameter authorizer: Asks the backend, whose word then is final.
    package init(admitsUnknown: Bool = true, authorizer: (any ConversationAuthorizer)? = nil) {
        self.admitsUnknown = admitsUnknown
        self.authorizer = authorizer
    }

    /// Whether somebody may come to a conversation by what is known here, without asking anybody.
    func admitsAtOnce(_ identity: Identity?, to conversation: Conversation) -> Bool {
        guard let authorizer else { return admitsUnknown && conversation.access == .public }
        return identity.map { authorizer.remembers($0, at: conversation.key) } ?? false
    }

    /// What was known of a conversation does not hold any more.
    func forget(_ key: ConversationKey) { authorizer?.forget(key) }

    var asksBackend: Bool { authorizer != nil }

    /// Asks the backend, if there is one to be asked.
    func check(_ identity: Identity, _ key: ConversationKey) async throws(Refusal) {
        guard let authorizer else { return }
        guard try await authorizer.admits(identity, to: key) else { throw .noAccess }
    }

    func admit(_ identity: Identity, to opening: Opening) throws(Refusal) -> Arrival {
        if authorizer != nil { return opening.arrival }
        guard let conversation = opening.conversation else {
            guard admitsUnknown else { throw .noAccess }
            return opening.arrival
        }
        guard conversation.access == .public || opening.isMember || identity.mayEnterAnywhere else { throw .noAccess }
        return opening.arrival
    }

    /// Those of `users` whom no token of theirs but an admin's would let in again.
    ///
    /// With a backend to be asked it is nobody: the backend decides when they come next.
    func strangers(
        among users: Set<String>,
        in key: ConversationKey,
        _ transaction: any ConversationTransaction
    ) throws -> Set<String> {
        guard authorizer == nil else { return [] }
        guard let conversation = try transaction.conversation(key) else { return admitsUnknown ? [] : users }
        guard conversation.access == .private else { return [] }
        return users.subtracting(try transaction.members(of: key, among: Array(users)))
    }
}

extension Identity {
    /// Whether no list of members keeps the bearer out.
    var mayEnterAnywhere: Bool { roles.contains("admin") }
}

extension Refusal {
    package static let noAccess = Refusal(.forbidden, "Access denied")
}
