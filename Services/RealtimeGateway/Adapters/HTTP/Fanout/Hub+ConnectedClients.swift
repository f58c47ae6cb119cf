import NIOCore
package import RealtimeDomain

extension Hub: ConnectedClients {
    package func attendees(of conversation: ConversationKey) async -> Set<String> {
        let topics = Topic.names(of: conversation)
        return await onEachLoop { $0.users(on: topics) }.reduce(into: []) { $0.formUnion($1) }
    }

    package func expel(
        from conversation: ConversationKey,
        _ expulsion: Expulsion,
        where isToGo: @escaping @Sendable (Identity) -> Bool
    ) async {
        let topics = Topic.names(of: conversation)
        _ = await onEachLoop { $0.expel(from: topics, expulsion, where: isToGo) }
    }

    /// Has every loop do `body`, all at the same time; a loop that has been shut down has no clients.
    func onEachLoop<Value: Sendable>(_ body: @escaping @Sendable (Shard) -> Value) async -> [Value] {
        let answers = shards.map { shard in shard.loop.submit { body(shard) } }
        var values: [Value] = []
        for answer in answers {
            if let value = try? await answer.get() { values.append(value) }
        }
        return values
    }
}
