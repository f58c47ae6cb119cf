/// Hears on which nodes users come and go, this node's own included.
package protocol UserStatusAudience: Sendable {
    /// Called in the order in which a node said it, on any thread, maybe with a lock held; returns without waiting.
    func tell(_ status: UserStatus, isOnline: Bool)
}

extension Array: UserStatusAudience where Element == any UserStatusAudience {
    package func tell(_ status: UserStatus, isOnline: Bool) {
        for audience in self { audience.tell(status, isOnline: isOnline) }
    }
}
