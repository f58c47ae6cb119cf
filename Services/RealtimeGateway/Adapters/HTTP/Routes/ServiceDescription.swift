package import EventSchema
import HTTPTypes
import Hummingbird
import NIOCore

/// What `GET /` tells programs about the service.
///
/// It carries the fields in which the REST and the Socket.IO contract agree, so far as there is something behind them.
package struct ServiceDescription: Sendable {
    private let name: String
    private let version: String
    private let environment: String
    private let now: @Sendable () -> Timestamp

    /// Describes the service.
    ///
    /// - `name`: `realtime-gateway`; `version`: of the suite; `environment`: where it runs, `production`.
    package init(
        name: String,
        version: String,
        environment: String = "production",
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.name = name
        self.version = version
        self.environment = environment
        self.now = now
    }

    func response(to request: Request) -> Response {
        let headers: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        ]
        let body = JSONValue.object(facts(for: request)).encoded
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private func facts(for request: Request) -> JSONObject {
        var webSocket: JSONObject = [
            "path": "/socket/websocket", "socketio_path": "/socket.io/",
            "transports": ["websocket", "polling", "longpoll"],
        ]
        if let authority = request.head.authority {
            let scheme = request.head.scheme == "https" ? "wss" : "ws"
            webSocket["url"] = .string("\(scheme)://\(authority)")
        }
        return [
            "name": .string(name),
            "service": .string(name),
            "version": .string(version),
            "environment": .string(environment),
            "status": "running",
            "message": "Martlet realtime gateway is running",
            "timestamp": .string(now().description),
            "health": "/health",
            "endpoints": [
                "health": "/health", "ready": "/ready", "status": "/status", "metrics": "/metrics", "media": "/media/",
            ],
            "websocket": .object(webSocket),
        ]
    }
}
