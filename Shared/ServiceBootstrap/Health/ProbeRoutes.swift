import Foundation
import HTTPTypes
package import Hummingbird
import NIOCore

/// `/health`, `/ready` and `/metrics`, for any router.
package struct ProbeRoutes: Sendable {
    private let origin: ServiceLogHandler.Origin
    private let health: HealthRegistry
    private let metrics: PrometheusRegistry
    private let start = ContinuousClock.now

    /// Which service this is.
    package var serviceOrigin: ServiceLogHandler.Origin { origin }

    package init(origin: ServiceLogHandler.Origin, health: HealthRegistry, metrics: PrometheusRegistry) {
        self.origin = origin
        self.health = health
        self.metrics = metrics
    }

    /// Adds all three routes.
    package func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.get("/health") { _, _ in healthResponse }
        addReadinessAndMetrics(to: router)
    }

    /// Adds `/ready` and `/metrics` for a service that tells of its health in its own words.
    package func addReadinessAndMetrics<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.get("/ready") { _, _ in readyResponse }
        router.get("/metrics") { _, _ in await metricsResponse }
    }

    /// 200 as long as the process answers at all.
    package var healthResponse: Response {
        var body = JSONText()
        body.open()
        body.member("status", "ok")
        describeProcess(in: &body)
        body.key("uptime_s")
        body.value(literal: String(Int((ContinuousClock.now - start) / .seconds(1))))
        body.close()
        return response(.ok, body)
    }

    /// 200 if work may come; otherwise 503 with the reasons.
    package var readyResponse: Response {
        let report = health.report
        var body = JSONText()
        body.open()
        body.member("status", report.isDraining ? "draining" : report.isReady ? "ready" : "not_ready")
        describeProcess(in: &body)
        body.key("checks")
        body.open()
        for entry in report.entries { body.member(entry.name, entry.readiness.word) }
        body.close()
        body.key("reasons")
        body.open("[")
        if report.isDraining { body.value("draining: the process was told to stop") }
        for case .unready(let reason) in report.entries.map(\.readiness) { body.value(reason) }
        body.close("]")
        body.close()
        return response(report.isReady ? .ok : .serviceUnavailable, body)
    }

    /// The metrics in Prometheus' text format 0.0.4.
    package var metricsResponse: Response {
        get async {
            let process = await ProcessStatistics.read()
            let text = metrics.exposition(process: process)
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text))
            )
        }
    }

    private func describeProcess(in body: inout JSONText) {
        body.member("service", origin.service)
        body.member("version", origin.version)
        body.member("instance", origin.instance)
    }

    private func response(_ status: HTTPResponse.Status, _ body: JSONText) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.bytes))
        )
    }
}

extension Readiness {
    fileprivate var word: String {
        switch self {
        case .ready: "ok"
        case .unready(let reason): reason
        }
    }
}
