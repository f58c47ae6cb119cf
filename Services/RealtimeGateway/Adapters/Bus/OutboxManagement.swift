import EventSchema
package import Messaging
package import Persistence
package import RealtimeDomain

/// Carries out what backends ask of the gateway itself: the tables and what the other nodes hear of it are one
/// transaction, and this node acts on it before it answers.
package struct OutboxManagement: ConversationManagement {
    private let database: any Database
    private let outbox: Outbox
    private let store: any ConversationStore
    private let conversations: @Sendable (SQLTransaction) -> any ConversationTransaction
    private let doorkeeper: Doorkeeper
    private let clients: any ConnectedClients
    private let node: String

    /// - Parameters:
    ///   - store: On `database`, as is what `conversations` makes.
    ///   - node: What this node is called among the others.
    package init(
        database: any Database,
        outbox: Outbox,
        store: any ConversationStore,
        conversations: @escaping @Sendable (SQLTransaction) -> any ConversationTransaction,
        doorkeeper: Doorkeeper,
        clients: any ConnectedClients,
        node: String
    ) {
        self.database = database
        self.outbox = outbox
        self.store = store
        self.conversations = conversations
        self.doorkeeper = doorkeeper
        self.clients = clients
        self.node = node
    }

    // MARK: Changing

    package func save(
        _ update: ConversationUpdate
    ) async throws(Refusal) -> (overview: ConversationOverview, isNew: Bool) {
        let (change, overview) = try await write { editor, transaction, tell in
            let change = try editor.save(update)
            try tell(change)
            return (change, try ConversationOverview(update.key, in: transaction))
        }
        await doorkeeper.apply(change)
        guard let overview else { throw .busy }
        return (overview, change.previous == nil)
    }

    package func delete(_ key: ConversationKey) async throws(Refusal) -> Bool {
        let (change, existed) = try await write { editor, _, tell in
            let (change, existed) = try editor.delete(key)
            if existed { try tell(change) }
            return (change, existed)
        }
        if existed { await doorkeeper.apply(change) }
        return existed
    }

    package func apply(_ update: MemberUpdate) async throws(Refusal) -> Bool {
        let change = try await write { editor, transaction, tell in
            guard try transaction.conversation(update.key) != nil else { throw Refusal.unknownConversation }
            let change = try editor.apply(update)
            try tell(change)
            return change
        }
        await doorkeeper.apply(change)
        return change.isNews
    }

    package func disconnect(_ userID: String) async throws(Refusal) {
        let disconnection = UserDisconnection(userID: userID, node: node)
        try await write { _, _, tell in try tell(disconnection) }
        clients.disconnect(userID)
    }

    /// Has the nodes told of something, once it is durable.
    private typealias Tell = (any EventPayload) throws -> Void

    private func write<Value: Sendable>(
        _ work: @escaping @Sendable (ConversationEditor, any ConversationTransaction, Tell) throws -> Value
    ) async throws(Refusal) -> Value {
        guard outbox.hasRoom else { throw .busy }
        do {
            let announcements = NodeAnnouncements(outbox: outbox, node: node)
            return try await database.write { [conversations] transaction in
                let conversations = conversations(transaction)
                return try work(ConversationEditor(conversations, at: .now), conversations) { event in
                    try announcements.add(event, to: transaction)
                }
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw .busy
        }
    }

    // MARK: Looking

    package func kinds(of id: String) async throws(Refusal) -> [ConversationKey.Kind] {
        try await read { try $0.kinds(of: id) }
    }

    package func overview(of key: ConversationKey) async throws(Refusal) -> ConversationOverview? {
        try await read { try ConversationOverview(key, in: $0) }
    }

    package func overviews(
        ofWorkspace workspaceID: String?,
        after key: String,
        limit: Int
    ) async throws(Refusal) -> [ConversationOverview] {
        try await read { transaction in
            try transaction.conversations(ofWorkspace: workspaceID, after: key, limit: limit).map { conversation in
                ConversationOverview(
                    conversation: conversation,
                    lastSeq: try transaction.lastSeq(of: conversation.key),
                    memberCount: try transaction.memberCount(of: conversation.key)
                )
            }
        }
    }

    private func read<Value: Sendable>(
        _ work: @escaping @Sendable (any ConversationTransaction) throws -> Value
    ) async throws(Refusal) -> Value {
        do {
            return try await store.read(work)
        } catch {
            throw .busy
        }
    }
}
