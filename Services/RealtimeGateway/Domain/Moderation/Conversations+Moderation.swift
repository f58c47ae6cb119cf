import EventSchema

/// What moderators decide, as far as it concerns conversations of this node.
extension Conversations {
    // MARK: Coming

    /// Whether nothing keeps somebody out, as far as is known without asking the store.
    func isKnownToBeFree(_ identity: Identity?, in key: ConversationKey) -> Bool {
        guard key.kind.isModerated, let identity else { return true }
        guard let sanctions = moderation.sanctions(in: key.id) else { return false }
        return identity.isModerator || sanctions.ban(of: identity.userID, at: now()) == nil
    }

    /// Refuses who is known to be banned before anything is looked up.
    func checkKnownBan(of identity: Identity, in key: ConversationKey) throws(Refusal) {
        guard key.kind.isModerated, let sanctions = moderation.sanctions(in: key.id) else { return }
        try checkBan(of: identity, in: sanctions)
    }

    func checkBan(of identity: Identity, in sanctions: SanctionsInForce) throws(Refusal) {
        guard !identity.isModerator, let ban = sanctions.ban(of: identity.userID, at: now()) else { return }
        throw ban
    }

    // MARK: Speaking

    /// Refuses who is banned or muted; for what is told without being stored, as ``perform(_:_:)`` does for messages.
    ///
    /// Waits for the store where nothing is known.
    package func checkMaySpeak(_ identity: Identity, in key: ConversationKey) async throws(Refusal) {
        guard key.kind.isModerated, !identity.isModerator else { return }
        let sanctions = try await sanctions(in: key.id)
        if let refusal = sanctions.silence(of: identity.userID, at: now()) { throw refusal }
    }

    /// The same without waiting; returns whether it is known that nothing stands against it.
    package func isKnownToMaySpeak(_ identity: Identity, in key: ConversationKey) throws(Refusal) -> Bool {
        guard key.kind.isModerated, !identity.isModerator else { return true }
        guard let sanctions = moderation.sanctions(in: key.id) else { return false }
        if let refusal = sanctions.silence(of: identity.userID, at: now()) { throw refusal }
        return true
    }

    private func sanctions(in conversationID: String) async throws(Refusal) -> SanctionsInForce {
        if let sanctions = moderation.sanctions(in: conversationID) { return sanctions }
        let revision = moderation.revision
        let now = now()
        do {
            let sanctions = try await store.read { try SanctionsInForce(of: conversationID, at: now, in: $0) }
            moderation.keep([conversationID: sanctions], as: revision)
            return sanctions
        } catch {
            throw .busy
        }
    }

    // MARK: Deciding

    /// Notes that what is decided by `requests` will be told by this node itself, and returns as of when what they find
    /// in force holds.
    func beginModeration(_ requests: [ConversationRequest]) -> UInt64 {
        for request in requests where request.isModeration { _ = moderation.noteTold(request.id) }
        return moderation.revision
    }

    /// Nobody knows what came of `requests`: what was decided will be heard from the bus.
    func abandonModeration(_ requests: [ConversationRequest]) {
        for request in requests {
            moderation.forget(request.conversation.id)
            if request.isModeration { moderation.forgetTold(request.id) }
        }
    }

    /// Something was decided, here or elsewhere: clients hear of it unless they have.
    ///
    /// - Returns: Whether they had not.
    func moderated(_ event: ModerationEvent) -> Bool {
        guard moderation.noteTold(event.id) else { return false }
        moderation.forget(event.conversation.id)
        audience.tell(.moderated(event), in: event.conversation)
        return true
    }

    /// Whether somebody is banned now; assumed where the store cannot be asked.
    func isBanned(_ userID: String, in conversationID: String) async -> Bool {
        guard let sanctions = try? await sanctions(in: conversationID) else { return true }
        return sanctions.ban(of: userID, at: now()) != nil
    }
}

extension ConversationRequest {
    fileprivate var isModeration: Bool { if case .moderate = command { true } else { false } }
}
