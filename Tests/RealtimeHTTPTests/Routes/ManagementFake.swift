import EventSchema
import RealtimeDomain
import Synchronization

/// Conversations in memory.
final class ManagementFake: ConversationManagement {
    private struct State {
        var conversations: [ConversationKey: Conversation] = [:]
        var members: [ConversationKey: Set<String>] = [:]
        var disconnected: [String] = []
    }

    private let state = Mutex(State())
    private let isBusy: Bool

    init(isBusy: Bool = false) {
        self.isBusy = isBusy
    }

    var disconnected: [String] { state.withLock { $0.disconnected } }

    func save(_ update: ConversationUpdate) async throws(Refusal) -> (overview: ConversationOverview, isNew: Bool) {
        if isBusy { throw .busy }
        let isNew = state.withLock { state in
            let isNew = state.conversations[update.key] == nil
            var conversation = state.conversations[update.key] ?? Conversation(update.key)
            conversation.name = update.name ?? conversation.name
            conversation.access = update.access ?? conversation.access
            conversation.description = update.description ?? conversation.description
            conversation.workspaceID = update.workspaceID ?? conversation.workspaceID
            conversation.ownerID = update.ownerID ?? conversation.ownerID
            state.conversations[update.key] = conversation
            if let members = update.members { state.members[update.key] = Set(members) }
            return isNew
        }
        guard let overview = try await overview(of: update.key) else { throw .unknownConversation }
        return (overview, isNew)
    }

    func delete(_ key: ConversationKey) async throws(Refusal) -> Bool {
        state.withLock { $0.conversations.removeValue(forKey: key) != nil }
    }

    func apply(_ update: MemberUpdate) async throws(Refusal) -> Bool {
        guard state.withLock({ $0.conversations[update.key] != nil }) else { throw .unknownConversation }
        return state.withLock { state in
            update.isAdded
                ? state.members[update.key, default: []].insert(update.userID).inserted
                : state.members[update.key]?.remove(update.userID) != nil
        }
    }

    func kinds(of id: String) async throws(Refusal) -> [ConversationKey.Kind] {
        let keys = state.withLock { $0.conversations.keys.filter { $0.id == id } }
        return keys.map(\.kind).sorted { $0.rawValue < $1.rawValue }
    }

    func overview(of key: ConversationKey) async throws(Refusal) -> ConversationOverview? {
        state.withLock { state in
            guard let conversation = state.conversations[key] else { return nil }
            let members = state.members[key, default: []]
            return ConversationOverview(
                conversation: conversation,
                lastSeq: 7,
                memberCount: Int64(members.count),
                members: members.sorted()
            )
        }
    }

    func overviews(
        ofWorkspace workspaceID: String?,
        after key: String,
        limit: Int
    ) async throws(Refusal) -> [ConversationOverview] {
        let all = state.withLock { $0.conversations.values.sorted { $0.key.description < $1.key.description } }
        return all.filter { $0.key.description > key && (workspaceID == nil || $0.workspaceID == workspaceID) }
            .prefix(limit).map { ConversationOverview(conversation: $0, lastSeq: 7, memberCount: 0) }
    }

    func disconnect(_ userID: String) async throws(Refusal) {
        if isBusy { throw .busy }
        state.withLock { $0.disconnected.append(userID) }
    }
}
