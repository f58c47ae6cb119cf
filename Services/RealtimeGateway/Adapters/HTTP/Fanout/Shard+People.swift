import RealtimeDomain

/// Who the clients of this loop are; looked through when somebody asks, so that nothing is kept for it.
extension Shard {
    func users(on topics: [String]) -> Set<String> {
        Set(topics.flatMap(subscriptions).compactMap { $0.connection.user?.userID })
    }

    func expel(from topics: [String], _ expulsion: Expulsion, where isToGo: (Identity) -> Bool) {
        for topic in topics {
            for subscription in subscriptions(of: topic) {
                guard let user = subscription.connection.user, isToGo(user) else { continue }
                subscription.isRevoked = true
                subscription.connection.expel(from: topic, expulsion)
            }
        }
    }
}
