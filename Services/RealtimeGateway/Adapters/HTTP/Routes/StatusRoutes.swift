import EventSchema
import HTTPTypes
package import Hummingbird
import NIOCore
import ServiceBootstrap

/// `GET /status`: what the gateway has in hand, as JSON for programs and as a page for people, which asks again each second.
///
/// Numbers are for everybody, as contract 3 has them; the names of topics (`GET /status/topics`) are for who has the API
/// key, since they name users and rooms.
package struct StatusRoutes: Sendable {
    /// What is known of the rest of the service.
    package struct Surroundings: Sendable {
        package let environment: String
        /// What keeps the database from taking writes; `nil` if nothing does.
        package let databaseProblem: @Sendable () -> String?
        /// Takes as long as the database needs to answer.
        package let pingDatabase: @Sendable () async throws -> Void
        /// Connections to the database that are open.
        package let databaseConnections: @Sendable () -> Int
        /// Messages that wait for the broker.
        package let outboxCount: @Sendable () -> Int

        package init(
            environment: String,
            databaseProblem: @escaping @Sendable () -> String?,
            pingDatabase: @escaping @Sendable () async throws -> Void,
            databaseConnections: @escaping @Sendable () -> Int,
            outboxCount: @escaping @Sendable () -> Int
        ) {
            self.environment = environment
            self.databaseProblem = databaseProblem
            self.pingDatabase = pingDatabase
            self.databaseConnections = databaseConnections
            self.outboxCount = outboxCount
        }
    }

    private let hub: Hub
    private let surroundings: Surroundings
    private let apiKey: APIKey
    private let start = ContinuousClock.now
    private let page = PageAsset(PackageResources.status_html, type: "text/html; charset=utf-8")
    private let script = PageAsset(PackageResources.status_js, type: "text/javascript; charset=utf-8")

    package init(hub: Hub, surroundings: Surroundings, apiKey: APIKey) {
        self.hub = hub
        self.surroundings = surroundings
        self.apiKey = apiKey
    }

    package func add<Context: RequestContext>(to router: Router<Context>) {
        router.get("/status") { request, _ in await status(request) }
        router.get("/status/topics") { request, _ in
            try apiKey.check(request)
            return Self.response(["topics": .array(await hub.snapshot().topics.map(Self.json))])
        }
        router.get("/assets/status.js") { request, _ in script.response(to: request) }
        for path in ["/status", "/status/topics", "/assets/status.js"] as [RouterPath] {
            router.refuseOtherMethods(than: [.get], on: path)
        }
    }

    private func status(_ request: Request) async -> Response {
        let wantsPage = request.headers[values: .accept].contains { $0.contains("text/html") }
        var response = wantsPage ? page.response(to: request) : Self.response(await facts())
        response.headers[.vary] = "Accept"
        if wantsPage { response.headers[.contentSecurityPolicy] = Self.policy }
        return response
    }

    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        + "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

    // MARK: The facts

    private func facts() async -> JSONObject {
        let snapshot = await hub.snapshot()
        let database = await database()
        return [
            "status": database["status"] == "connected" ? "operational" : "degraded",
            "timestamp": .string(Timestamp.now.description),
            "server": [
                "uptime": .integer(Int64((ContinuousClock.now - start) / .seconds(1))),
                "environment": .string(surroundings.environment),
                "node_version": .string(Suite.version),
                "memory_usage": Self.memory(.read()),
            ],
            "database": .object(database),
            "websocket": [
                "active_connections": .integer(Int64(snapshot.connections)),
                "total_connections": .integer(Int64(hub.metrics.totalConnectionCount)),
                "rooms": .integer(Int64(snapshot.topicCount)),
                "events_per_minute": .integer(Int64(hub.metrics.eventsPerMinute)),
            ],
            "queues": [
                "slow_connections": .integer(Int64(snapshot.slowConnections)),
                "waiting_bytes": .integer(Int64(snapshot.waitingBytes)),
                "outbox": .integer(Int64(surroundings.outboxCount())),
            ],
            "deliveries": .object(hub.metrics.deliveryTotals.mapValues(Self.json)),
        ]
    }

    private func database() async -> JSONObject {
        if let problem = surroundings.databaseProblem() {
            return ["status": "disconnected", "reason": .string(problem)]
        }
        let start = ContinuousClock.now
        do {
            try await surroundings.pingDatabase()
        } catch {
            return ["status": "disconnected", "reason": .string("\(error)")]
        }
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        return [
            "status": "connected",
            "connections": .integer(Int64(surroundings.databaseConnections())),
            "response_time": .double((milliseconds * 100).rounded() / 100),
        ]
    }

    private static func json(_ totals: DeliveryCounters.Totals) -> JSONValue {
        var dropped: JSONObject = [:]
        for (reason, count) in totals.dropped { dropped[reason.rawValue] = .integer(Int64(count)) }
        return [
            "due": .integer(Int64(totals.due)),
            "delivered": .integer(Int64(totals.delivered)),
            "dropped": .object(dropped),
            "waiting": .integer(Int64(totals.waiting)),
        ]
    }

    private static func json(_ topic: HubSnapshot.Topic) -> JSONValue {
        ["topic": .string(topic.name), "subscribers": .integer(Int64(topic.subscribers))]
    }

    private static func memory(_ memory: MemoryStatistics) -> JSONValue {
        [
            "rss": .megabytes(memory.resident),
            "heapTotal": .megabytes(memory.reservedHeap),
            "heapUsed": .megabytes(memory.residentHeap),
            "external": .megabytes(memory.residentFiles),
        ]
    }

    private static func response(_ facts: JSONObject) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "application/json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSONValue.object(facts).encoded))
        )
    }
}
