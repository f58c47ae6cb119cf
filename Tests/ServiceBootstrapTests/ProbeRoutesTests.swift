import Foundation
import Hummingbird
import HummingbirdTesting
import ServiceBootstrap
import Synchronization
import Testing

struct ProbeRoutesTests {
    private let health = HealthRegistry()
    private let metrics = PrometheusRegistry()

    private func get(_ path: String) async throws -> (status: Int, type: String?, body: String) {
        let probes = ProbeRoutes(
            origin: ServiceLogHandler.Origin(service: "sample", version: "9.9", instance: "i-1"),
            health: health,
            metrics: metrics
        )
        let router = Router()
        probes.add(to: router)
        return try await Application(router: router).test(.router) { client in
            try await client.execute(uri: path, method: .get) { response in
                (response.status.code, response.headers[.contentType], String(buffer: response.body))
            }
        }
    }

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `health answers as long as the process lives`() async throws {
        health.register("broker") { .unready("down") }
        health.beginDraining()
        let response = try await get("/health")
        #expect(response.status == 200)
        let body = try json(response.body)
        #expect(body["status"] as? String == "ok")
        #expect(body["service"] as? String == "sample")
        #expect(body["uptime_s"] is Int)
    }

    @Test func `a process with nothing to complain of is ready`() async throws {
        health.register("broker") { .ready }
        let response = try await get("/ready")
        #expect(response.status == 200)
        let body = try json(response.body)
        #expect(body["status"] as? String == "ready")
        #expect(body["checks"] as? [String: String] == ["broker": "ok"])
    }

    @Test func `readiness names each reason against it and follows its checks`() async throws {
        let connected = Mutex(false)
        let flag = Shared(connected)
        health.register("broker") { flag.value.withLock { $0 } ? .ready : .unready("no connection to the broker") }
        health.register("store") { .ready }
        let before = try await get("/ready")
        #expect(before.status == 503)
        #expect(try json(before.body)["reasons"] as? [String] == ["no connection to the broker"])
        flag.value.withLock { $0 = true }
        #expect(try await get("/ready").status == 200)
    }

    @Test func `a draining process is not ready whatever its checks say`() async throws {
        health.register("broker") { .ready }
        health.beginDraining()
        let response = try await get("/ready")
        #expect(response.status == 503)
        #expect(try json(response.body)["status"] as? String == "draining")
    }

    @Test func `metrics come in the text format with the process's own`() async throws {
        let response = try await get("/metrics")
        #expect(response.type == "text/plain; version=0.0.4; charset=utf-8")
        #expect(try Exposition(response.body).value("process_open_fds") != nil)
    }

    private final class Shared<Value: ~Copyable & Sendable>: Sendable {
        let value: Value
        init(_ value: consuming Value) { self.value = value }
    }
}
