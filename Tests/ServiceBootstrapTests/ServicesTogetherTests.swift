import Logging
import ServiceBootstrap
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ServicesTogetherTests {
    private struct Broken: Error {}

    private struct Closure: Service {
        let body: @Sendable () async throws -> Void
        func run() async throws { try await body() }
    }

    /// Ends when it was told to and its neighbour has been told, too.
    private static func neighbour(tells: AsyncStream<Void>.Continuation, hears: AsyncStream<Void>) -> Closure {
        Closure {
            tells.yield()
            try? await gracefulShutdown()
            tells.finish()
            for await _ in hears {}
        }
    }

    @Test func `all are told to end at once`() async throws {
        let (left, tellLeft) = AsyncStream.makeStream(of: Void.self)
        let (right, tellRight) = AsyncStream.makeStream(of: Void.self)
        let (begun, tellBegun) = AsyncStream.makeStream(of: Void.self)
        let together = ServicesTogether(
            Self.neighbour(tells: tellLeft, hears: right),
            Self.neighbour(tells: tellRight, hears: left),
            Closure {
                tellBegun.yield()
                try? await gracefulShutdown()
            }
        )
        let group = ServiceGroup(
            services: [together],
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        async let running: Void = group.run()
        for await _ in begun { break }
        await group.triggerGracefulShutdown()
        // One after the other, the first would wait for the second for ever.
        try await running
    }

    @Test func `when one throws the others end with it`() async {
        let wasCancelled = Mutex(false)
        await #expect(throws: Broken.self) {
            try await ServicesTogether(
                Closure { throw Broken() },
                Closure {
                    try? await Task.sleep(for: .seconds(600))
                    wasCancelled.withLock { $0 = Task.isCancelled }
                }
            ).run()
        }
        #expect(wasCancelled.withLock { $0 })
    }

    @Test func `when one ends unasked the others do, and the group is told`() async throws {
        try await ServicesTogether(Closure {}, Closure { try? await Task.sleep(for: .seconds(600)) }).run()
    }
}
