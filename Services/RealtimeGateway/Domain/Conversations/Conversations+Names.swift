/// Which conversation an id names that may be a room's or a stream's.
///
/// What a backend has described leaves no doubt. Of others it is the one in which clients are now, else the one in which
/// something was said, else a stream.
extension Conversations {
    /// The answer, if it is known without asking the store.
    ///
    /// - Parameter isAttended: Whether clients are in a conversation.
    package func knownTalk(_ id: String, isAttended: (ConversationKey) -> Bool) -> ConversationKey? {
        names.finding(id).map { Self.talk(id, $0, isAttended) }
    }

    package func talk(
        _ id: String,
        isAttended: @Sendable (ConversationKey) -> Bool
    ) async throws(Refusal) -> ConversationKey {
        if let known = knownTalk(id, isAttended: isAttended) { return known }
        let revision = names.revision
        do {
            let finding = try await store.read { try Self.find(id, in: $0) }
            names.note(id, finding, asOf: revision)
            return Self.talk(id, finding, isAttended)
        } catch {
            throw .busy
        }
    }

    /// Whether an id may name a stream as well as a room, both of which are open to whoever may come to one.
    package func mayBeEither(_ id: String) -> Bool {
        guard !asksBackend, let finding = names.finding(id) else { return false }
        if case .described = finding { return false }
        return true
    }

    private static func find(
        _ id: String,
        in transaction: any ConversationTransaction
    ) throws -> TalkNames.Finding {
        let kinds = try transaction.kinds(of: id)
        for kind in order where kinds.contains(kind) { return .described(kind) }
        for kind in order where try transaction.lastSeq(of: ConversationKey(kind, id)) > 0 { return .spoken(kind) }
        return .nothing
    }

    private static func talk(
        _ id: String,
        _ finding: TalkNames.Finding,
        _ isAttended: (ConversationKey) -> Bool
    ) -> ConversationKey {
        if case .described(let kind) = finding { return ConversationKey(kind, id) }
        if let attended = order.map({ ConversationKey($0, id) }).first(where: isAttended) { return attended }
        if case .spoken(let kind) = finding { return ConversationKey(kind, id) }
        return ConversationKey(.stream, id)
    }

    /// Where both are possible the first is meant.
    private static let order: [ConversationKey.Kind] = [.stream, .room]
}
