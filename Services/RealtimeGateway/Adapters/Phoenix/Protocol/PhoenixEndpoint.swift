import Foundation
package import Hummingbird
package import Logging
import NIOHTTP1
package import RealtimeDomain
package import RealtimeHTTP

/// Phoenix's transports: WebSockets at `/socket/websocket`, and at `/socket/longpoll` for who cannot open one.
///
/// A version nobody speaks, a foreign origin and a token that does not hold are all answered with an empty 403; a user's
/// connection too many is with an empty 429.
package struct PhoenixEndpoint: WebSocketEndpoint {
    package let path: String
    private let application: PhoenixApplication
    private let gate: PhoenixGate
    private let longPollPath: String
    private let sessions: PollingSessions

    /// Serves `application`.
    ///
    /// - `path`, `longPollPath`: where its clients connect.
    /// - `tokens`: decides whose a token is.
    /// - `origins`: the pages that may connect, any.
    /// - `node`: this node's name, as it stands in the tokens of long-poll sessions; `polling`: their bounds.
    package init(
        path: String = "/socket/websocket",
        longPollPath: String = "/socket/longpoll",
        application: PhoenixApplication,
        tokens: any TokenVerifier,
        origins: AllowedOrigins = .any,
        node: String = "local",
        polling: PollingLimits = PollingLimits(),
        logger: Logger = Logger(label: "phoenix")
    ) {
        self.path = path
        self.longPollPath = longPollPath
        sessions = PollingSessions(hub: application.hub, node: node, limits: polling)
        self.application = application
        gate = PhoenixGate(application: application, tokens: tokens, origins: origins, logger: logger)
    }

    package func answer(_ request: UpgradeRequest) async -> UpgradeAnswer {
        let offered = request.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        do throws(PhoenixGate.Refused) {
            guard gate.allows(origin: request.headers.first(name: "origin")) else { return .refuse(.forbidden) }
            let admission = try await gate.admit(
                version: request.parameter("vsn"),
                token: request.parameter("token") ?? Self.bearer(in: offered),
                framing: .webSocket
            )
            return .accept(subprotocol: offered.contains("phoenix") ? "phoenix" : nil) { [application, gate] _ in
                PhoenixSession(application: application, gate: gate, admission: admission)
            }
        } catch {
            switch error {
            case .forbidden: return .refuse(.forbidden)
            case .tooManyConnections:
                return .refuse(.tooManyRequests, headers: ["retry-after": PhoenixGate.retryAfter])
            }
        }
    }

    package func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        PhoenixLongPoll(application: application, gate: gate, sessions: sessions)
            .addRoutes(to: router, path: RouterPath(longPollPath))
    }

    /// The token that phoenix.js 1.8 hides among the subprotocols, where no proxy logs it.
    private static func bearer(in subprotocols: [String]) -> String? {
        let prefix = "base64url.bearer.phx."
        guard let encoded = subprotocols.first(where: { $0.hasPrefix(prefix) })?.dropFirst(prefix.count) else {
            return nil
        }
        let base64 = encoded.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.count % 4) % 4)
        return Data(base64Encoded: base64 + padding).map { String(decoding: $0, as: UTF8.self) }
    }
}
