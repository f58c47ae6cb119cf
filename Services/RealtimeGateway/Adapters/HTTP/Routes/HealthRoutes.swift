import EventSchema
import HTTPTypes
package import Hummingbird
import NIOCore
package import ServiceBootstrap

/// `GET /health`: that the process lives, with what contracts 2 and 3 have there.
package struct HealthRoutes: Sendable {
    private let hub: Hub
    private let origin: ServiceLogHandler.Origin
    private let environment: String
    private let start = ContinuousClock.now

    package init(hub: Hub, origin: ServiceLogHandler.Origin, environment: String) {
        self.hub = hub
        self.origin = origin
        self.environment = environment
    }

    package func add(to router: Router<some RequestContext>) {
        router.get("/health") { _, _ in response(await hub.snapshot()) }
    }

    private func response(_ snapshot: HubSnapshot) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSONValue.object(facts(snapshot)).encoded))
        )
    }

    private func facts(_ snapshot: HubSnapshot) -> JSONObject {
        let uptime = JSONValue.integer(Int64((ContinuousClock.now - start) / .seconds(1)))
        return [
            "status": "healthy",
            "timestamp": .string(Timestamp.now.description),
            "service": .string(origin.service),
            "version": .string(origin.version),
            "instance": .string(origin.instance),
            "environment": .string(environment),
            "uptime": uptime,
            "uptime_s": uptime,
            "memory": Self.memory(.read()),
            "connections": [
                "active": .integer(Int64(snapshot.connections)),
                "total": .integer(Int64(hub.metrics.totalConnectionCount)),
            ],
        ]
    }

    private static func memory(_ memory: MemoryStatistics) -> JSONValue {
        let share = memory.machine == 0 ? 0 : Double(memory.resident) / Double(memory.machine) * 100
        return [
            "used": .megabytes(memory.resident),
            "total": .megabytes(memory.machine),
            "percentage": .double((share * 10).rounded() / 10),
        ]
    }
}

extension JSONValue {
    /// Bytes as MiB with one decimal.
    static func megabytes(_ bytes: Int) -> JSONValue { .double((Double(bytes) / 1_048_576 * 10).rounded() / 10) }
}
