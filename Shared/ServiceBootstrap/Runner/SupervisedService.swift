import ServiceLifecycle

/// Runs a service that is meant to run until it is told to stop, and says so if it does not.
struct SupervisedService: Service {
    private let service: any Service
    private let drain: Drain

    init(_ service: any Service, drain: Drain) {
        self.service = service
        self.drain = drain
    }

    func run() async throws {
        do {
            try await service.run()
            guard drain.hasBegun else { throw StartError("\(type(of: service)) ended, though nobody told it to") }
        } catch {
            drain.begin()
            throw error
        }
        // Once we drain, a service may end before its turn: one that it stands on has gone. To a group an early end is a
        // failure, so it hears of it when it asks.
        try? await gracefulShutdown()
    }
}
