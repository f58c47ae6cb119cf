import EventSchema
import Hummingbird
import HummingbirdTesting
import NIOPosix
import ServiceBootstrap
import Testing

@testable import RealtimeHTTP

struct HealthRoutesTests {
    @Test func `health has what both contracts have there`() async throws {
        let router = Router()
        HealthRoutes(
            hub: Hub(group: MultiThreadedEventLoopGroup.singleton),
            origin: ServiceLogHandler.Origin(service: "realtime-gateway", version: "9.9", instance: "i-1"),
            environment: "test"
        ).add(to: router)
        let response = try await Application(router: router).test(.router) { client in
            try await client.execute(uri: "/health", method: .get)
        }
        let facts = try JSONParser.parse(String(buffer: response.body))
        #expect(response.status == .ok)
        #expect(facts["status"] == "healthy")
        #expect(facts["version"] == "9.9")
        #expect(facts["environment"] == "test")
        #expect(facts["connections"] == ["active": 0, "total": 0])
        #expect(try #require(facts["uptime"]?.integerValue) >= 0)
        let used = try #require(facts["memory"]?["used"]?.doubleValue)
        let total = try #require(facts["memory"]?["total"]?.doubleValue)
        #expect(used > 0 && used < total)
        #expect(try #require(facts["memory"]?["percentage"]?.doubleValue) < 100)
    }
}
