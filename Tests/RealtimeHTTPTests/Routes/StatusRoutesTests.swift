import EventSchema
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import RealtimeHTTP

@Suite(.timeLimit(.minutes(1))) struct StatusRoutesTests {
    private struct Away: Error {}

    private func get(
        _ path: String,
        _ headers: HTTPFields = [:],
        hub: Hub = Hub(group: MultiThreadedEventLoopGroup.singleton),
        isDatabaseAway: Bool = false
    ) async throws -> TestResponse {
        let router = Router()
        router.add(middleware: ErrorDetailMiddleware())
        StatusRoutes(
            hub: hub,
            surroundings: StatusRoutes.Surroundings(
                environment: "test",
                databaseProblem: { nil },
                pingDatabase: { if isDatabaseAway { throw Away() } },
                databaseConnections: { 2 },
                outboxCount: { 3 }
            ),
            apiKey: APIKey("key")
        ).add(to: router)
        return try await Application(router: router).test(.router) { client in
            try await client.execute(uri: path, method: .get, headers: headers)
        }
    }

    private func facts(_ response: TestResponse) throws -> JSONValue {
        try JSONParser.parse(String(buffer: response.body))
    }

    @Test func `programs get numbers and no names`() async throws {
        let response = try await get("/status")
        #expect(response.headers[.contentType] == "application/json")
        let facts = try facts(response)
        #expect(facts["status"] == "operational")
        #expect(facts["server"]?["environment"] == "test")
        let memory = try #require(facts["server"]?["memory_usage"]?.objectValue)
        #expect(Set(memory.keys) == ["rss", "heapTotal", "heapUsed", "external"])
        for (_, value) in memory { #expect(try #require(value.doubleValue) > 0) }
        #expect(facts["server"]?["node_version"]?.stringValue?.isEmpty == false)
        #expect(facts["database"]?["status"] == "connected")
        #expect(facts["database"]?["connections"] == 2)
        #expect(facts["queues"] == ["outbox": 3, "slow_connections": 0, "waiting_bytes": 0])
        #expect(facts["deliveries"] == [:])
    }

    @Test func `a database that does not answer is told`() async throws {
        let facts = try facts(try await get("/status", isDatabaseAway: true))
        #expect(facts["status"] == "degraded")
        #expect(facts["database"]?["status"] == "disconnected")
    }

    @Test func `a browser gets the page`() async throws {
        let response = try await get("/status", [.accept: "text/html"])
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(response.headers[.contentSecurityPolicy]?.contains("script-src 'self'") == true)
        #expect(response.headers[.vary] == "Accept")
    }

    @Test func `names of topics are for who has the key`() async throws {
        #expect(try await get("/status/topics").status == .unauthorized)
        let response = try await get("/status/topics", [.authorization: "Bearer key"])
        #expect(try facts(response) == ["topics": []])
    }

    @Test func `what was due adds up, whatever became of it`() async throws {
        let loop = NIOAsyncTestingEventLoop()
        let hub = Hub(group: loop)
        try await loop.executeInContext {
            let shard = hub.nextShard()
            let limits = ConnectionLimits(outboundBytes: 1000)
            let connections = (0..<2).map { _ in
                WebSocketConnection(shard: shard, limits: limits, session: SilentSession())
            }
            let channels = try connections.map { connection in
                let channel = EmbeddedChannel(loop: EmbeddedEventLoop())
                try channel.pipeline.syncOperations.addHandler(connection)
                return channel
            }
            for connection in connections {
                _ = shard.subscribe(connection, to: "chat:room:1", encoding: NameEncoding())
            }
            channels[1].isWritable = false
            channels[1].pipeline.fireChannelWritabilityChanged()
            for _ in 0..<3 { hub.publish(TopicEvent(topic: "chat:room:1", name: "abc", content: .emptyObject)) }
        }
        let totals = try #require(hub.metrics.deliveryTotals["chat"])
        #expect((totals.due, totals.delivered, totals.waiting) == (6, 3, 3))
        let snapshot = await hub.snapshot()
        #expect((snapshot.connections, snapshot.slowConnections, snapshot.waitingBytes) == (2, 1, 9))
        #expect(snapshot.topics == [HubSnapshot.Topic(name: "chat:room:1", subscribers: 2)])
        #expect(hub.metrics.eventsPerMinute == 3)
    }

    @Test func `events are forgotten after a minute`() {
        let start = ContinuousClock.now
        let rate = EventRate(start: start)
        for second in [0, 0, 30, 59] { rate.count(at: start + .seconds(second)) }
        #expect(rate.perMinute(at: start + .seconds(59)) == 4)
        #expect(rate.perMinute(at: start + .seconds(60)) == 2)
        #expect(rate.perMinute(at: start + .seconds(100)) == 1)
        #expect(rate.perMinute(at: start + .seconds(5000)) == 0)
    }
}
