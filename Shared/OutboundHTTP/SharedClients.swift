import Synchronization

/// One set of HTTP clients for each set of authorities that a process trusts, made when it is first asked for; they live as long
/// as the process does.
package final class SharedClients<Clients: Sendable>: Sendable {
    private let make: @Sendable (TrustedAuthorities?) -> Clients
    private let made = Mutex<[TrustedAuthorities?: Clients]>([:])

    package init(make: @escaping @Sendable (TrustedAuthorities?) -> Clients) { self.make = make }

    /// - Parameter authorities: Besides the system's.
    package func trusting(_ authorities: TrustedAuthorities?) -> Clients {
        made.withLock { made in
            if let clients = made[authorities] { return clients }
            let clients = make(authorities)
            made[authorities] = clients
            return clients
        }
    }
}
