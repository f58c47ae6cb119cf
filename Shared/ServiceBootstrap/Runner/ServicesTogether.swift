package import ServiceLifecycle

/// Services that run, and on shutdown end, at the same time; a group ends one after the other.
///
/// For those that do not need each other and each need a while: the slowest decides, not the sum. When one throws, or ends
/// although nobody asked, the others are cancelled and this ends as it did.
package struct ServicesTogether: Service {
    private let services: [any Service]

    package init(_ services: any Service...) {
        self.services = services
    }

    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            while try await group.next() != nil {
                if !Task.isShuttingDownGracefully { group.cancelAll() }
            }
        }
    }
}
