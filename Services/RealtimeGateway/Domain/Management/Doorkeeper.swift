package import EventSchema

/// Has this node act on what has changed elsewhere: forget what it knew, and send away who may not stay.
package struct Doorkeeper: Sendable {
    private let conversations: Conversations
    private let clients: any ConnectedClients
    private let node: String

    /// - Parameter node: What this node is called among the others.
    package init(conversations: Conversations, clients: any ConnectedClients, node: String) {
        self.conversations = conversations
        self.clients = clients
        self.node = node
    }

    /// Acts on an event that nodes tell one another, before clients hear of it.
    ///
    /// Doing it again does no harm.
    ///
    /// - Throws: ``SchemaError`` if it cannot be read.
    package func accept(_ body: [UInt8]) async throws(SchemaError) {
        switch try NodeEvents.decode(try Envelope(parsing: body)) {
        case let change as ConversationChange: await apply(change)
        case let change as MembershipChange: await apply(change)
        case let disconnection as UserDisconnection where disconnection.node != node:
            clients.disconnect(disconnection.userID)
        case let event as ModerationEvent: await apply(event)
        default: break
        }
    }

    /// Who is in a conversation that is private now, and does not belong there, goes; from a deleted one everybody does.
    package func apply(_ change: ConversationChange) async {
        conversations.changed(change.key)
        guard let current = change.current else {
            return await clients.expel(from: change.key, .forGood) { _ in true }
        }
        if conversations.asksBackend {
            return await clients.expel(from: change.key, .toAskAgain) { !$0.mayEnterAnywhere }
        }
        guard current.access == .private else { return }
        await review(change.key, await clients.attendees(of: change.key))
    }

    package func apply(_ change: MembershipChange) async {
        conversations.changed(change.key)
        guard !change.isAdded else { return }
        let userID = change.user.userID
        if conversations.asksBackend {
            await clients.expel(from: change.key, .toAskAgain) { $0.userID == userID }
        } else {
            await review(change.key, [userID])
        }
    }

    /// Clients hear of it unless they have; who is banned goes, unless that was lifted before it was heard of.
    package func apply(_ event: ModerationEvent) async {
        guard conversations.moderated(event), case .ban(let user, _, _) = event.action,
            await conversations.isBanned(user, in: event.conversation.id)
        else { return }
        await clients.expel(banned: user, from: event.conversation.id)
    }

    private func review(_ key: ConversationKey, _ users: Set<String>) async {
        guard !users.isEmpty else { return }
        do throws(Refusal) {
            let strangers = try await conversations.strangers(among: users, in: key)
            guard !strangers.isEmpty else { return }
            await clients.expel(from: key, .forGood) { strangers.contains($0.userID) && !$0.mayEnterAnywhere }
        } catch {
            // Nobody knows who may stay: all have to ask again.
            await clients.expel(from: key, .toAskAgain) { users.contains($0.userID) && !$0.mayEnterAnywhere }
        }
    }
}
