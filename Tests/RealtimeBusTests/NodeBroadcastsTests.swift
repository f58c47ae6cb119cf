import EventSchema
import Messaging
import RealtimeDomain
import Testing

@testable import RealtimeBus

/// What nodes tell one another without keeping it.
@Suite(.timeLimit(.minutes(1))) struct NodeBroadcastsTests {
    @Test func `who comes and goes every node hears of once`() async throws {
        try await ManagementBench.run { bench in
            let alice = Profile(userID: "a", name: "Alice")
            let noon = Timestamp(milliseconds: 1_704_110_400_000)
            bench.messenger.send(UserOnline(UserStatus(alice, node: "n1", at: noon)))
            bench.messenger.send(UserOffline(UserStatus(alice, node: "n1", at: noon)))
            for number in [1, 1, 2] { await bench.show(number) }
            #expect(
                bench.diary.published.map(\.destination)
                    == ["user.online", "user.offline"].map {
                        Destination(exchange: "realtime.nodes", routingKey: $0)
                    }
            )
            #expect(
                bench.diary.lines == [
                    "Alice online n1 2024-01-01T12:00:00Z", "Alice offline n1 2024-01-01T12:00:00Z",
                ]
            )
        }
    }
}
