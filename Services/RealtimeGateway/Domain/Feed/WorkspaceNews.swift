import EventSchema

/// What a workspace is told of its channels and their members, in the words of contract 5.
struct WorkspaceNews {
    let workspaceID: String
    let event: String
    let payload: JSONObject

    static func news(of change: ConversationChange) -> [WorkspaceNews] {
        guard change.key.kind == .channel else { return [] }
        let (previous, current) = (change.previous, change.current)
        var news: [WorkspaceNews] = []
        // One that moves is gone for those whom it leaves, and new to the others.
        let stays = previous?.workspaceID == current?.workspaceID
        if let previous, current == nil || !stays { news += self.news("channel_deleted", previous) }
        if let current { news += self.news(previous != nil && stays ? "channel_updated" : "channel_created", current) }
        return news
    }

    private static func news(_ event: String, _ channel: Conversation) -> [WorkspaceNews] {
        guard let workspaceID = channel.workspaceID else { return [] }
        let payload: JSONObject = [
            "id": .string(channel.key.id),
            "name": .string(channel.name),
            "type": .string(channel.access.rawValue),
            "description": channel.description.map(JSONValue.string) ?? .null,
        ]
        return [WorkspaceNews(workspaceID: workspaceID, event: event, payload: ["channel": .object(payload)])]
    }

    static func news(of change: MembershipChange) -> WorkspaceNews? {
        guard change.key.kind == .channel, change.isNews, let workspaceID = change.workspaceID else { return nil }
        var payload: JSONObject = ["channel_id": .string(change.key.id)]
        guard change.isAdded else {
            payload["user_id"] = .string(change.user.userID)
            return WorkspaceNews(workspaceID: workspaceID, event: "member_left", payload: payload)
        }
        payload["user"] = [
            "id": .string(change.user.userID),
            "name": .string(change.user.name),
            "avatar_url": change.user.avatarURL.map(JSONValue.string) ?? .null,
        ]
        return WorkspaceNews(workspaceID: workspaceID, event: "member_joined", payload: payload)
    }
}
