import EventSchema

/// What a workspace and its people are told of channels and their members, in the words of contract 5.
///
/// Of private channels the workspace hears nothing; who comes to one or goes is told so on the topic of their own.
struct WorkspaceNews {
    let topic: Topic
    let event: String
    let payload: JSONObject

    static func news(of change: ConversationChange) -> [WorkspaceNews] {
        guard change.key.kind == .channel else { return [] }
        let (previous, current) = (visible(change.previous), visible(change.current))
        var news: [WorkspaceNews] = []
        // One that moves is gone for those whom it leaves, and new to the others.
        let stays = previous?.workspaceID == current?.workspaceID
        if let previous, current == nil || !stays { news += self.news("channel_deleted", previous) }
        if let current { news += self.news(previous != nil && stays ? "channel_updated" : "channel_created", current) }
        return news
    }

    private static func visible(_ channel: Conversation?) -> Conversation? {
        channel?.access == .public ? channel : nil
    }

    private static func news(_ event: String, _ channel: Conversation) -> [WorkspaceNews] {
        guard let workspaceID = channel.workspaceID else { return [] }
        let payload: JSONObject = [
            "id": .string(channel.key.id),
            "name": .string(channel.name),
            "type": .string(channel.access.rawValue),
            "description": channel.description.map(JSONValue.string) ?? .null,
        ]
        return [WorkspaceNews(topic: .workspace(workspaceID), event: event, payload: ["channel": .object(payload)])]
    }

    static func news(of change: MembershipChange) -> [WorkspaceNews] {
        guard change.key.kind == .channel, change.isNews else { return [] }
        let payload = payload(of: change)
        let workspace = change.isPrivate ? nil : change.workspaceID.map(Topic.workspace)
        return [workspace, .user(change.user.userID)].compactMap(\.self).map { topic in
            WorkspaceNews(topic: topic, event: change.isAdded ? "member_joined" : "member_left", payload: payload)
        }
    }

    private static func payload(of change: MembershipChange) -> JSONObject {
        var payload: JSONObject = ["channel_id": .string(change.key.id)]
        guard change.isAdded else {
            payload["user_id"] = .string(change.user.userID)
            return payload
        }
        payload["user"] = [
            "id": .string(change.user.userID),
            "name": .string(change.user.name),
            "avatar_url": change.user.avatarURL.map(JSONValue.string) ?? .null,
        ]
        return payload
    }
}
