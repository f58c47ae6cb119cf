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

    /// Whether what is known here does not suffice to let anybody in.
    var mustAsk: Bool { authorizer != nil || !admitsUnknown }

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
        guard conversation.access == .public || opening.isMember || identity.roles.contains("admin") else {
            throw .noAccess
        }
        return opening.arrival
    }
}

extension Refusal {
    package static let noAccess = Refusal(.forbidden, "Access denied")
}
