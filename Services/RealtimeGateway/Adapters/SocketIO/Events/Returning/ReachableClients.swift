package import RealtimeDomain
package import RealtimeHTTP

/// The clients of this node, those included that have lost their connections and may come back.
package struct ReachableClients: ConnectedClients {
    private let hub: Hub
    private let absent: AbsentClients

    package init(hub: Hub, absent: AbsentClients) {
        self.hub = hub
        self.absent = absent
    }

    package func attendees(of conversation: ConversationKey) async -> Set<String> {
        await hub.attendees(of: conversation)
    }

    package func expel(
        from conversation: ConversationKey,
        _ expulsion: Expulsion,
        where isToGo: @escaping @Sendable (Identity) -> Bool
    ) async {
        await hub.expel(from: conversation, expulsion, where: isToGo)
    }

    package func disconnect(_ userID: String) -> Int {
        absent.forget(userID)
        return hub.disconnect(userID)
    }
}
