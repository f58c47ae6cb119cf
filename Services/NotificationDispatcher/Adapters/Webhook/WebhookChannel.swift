import AsyncHTTPClient
import EventSchema
package import Foundation
package import Logging
import NIOCore
import NIOHTTP1
package import NotificationDomain
package import OutboundHTTP
import ServiceLifecycle

/// Sends notifications to HTTP endpoints as signed webhooks (Standard Webhooks, version 1).
///
/// Each try resolves the host, refuses addresses that the policy does not allow, and connects to the address it checked.
/// Redirects are not followed, and of the answer only the status and `Retry-After` count.
package final class WebhookChannel: NotificationChannel, Service {
    /// What a webhook channel needs to know.
    package struct Settings: Sendable {
        package var routing: WebhookRouting
        package var signer: WebhookSigner?
        package var policy: AddressPolicy
        /// For one try, from the name look-up to the end of the answer; the specification wants 15 to 30 s.
        package var timeout: Duration

        package init(
            routing: WebhookRouting,
            signer: WebhookSigner?,
            policy: AddressPolicy = AddressPolicy(),
            timeout: Duration = .seconds(15)
        ) {
            self.routing = routing
            self.signer = signer
            self.policy = policy
            self.timeout = timeout
        }
    }

    /// The specification's limit for a payload.
    package static let maximumBodyBytes = 20_000
    /// How much of an answer is read to keep its connection alive; beyond that closing it is cheaper.
    private static let maximumAnswerBytes = 64 * 1024

    package let channel = Channel.webhook
    private let settings: Settings
    private let resolver: any HostResolver
    private let clients: PinnedClients
    private let now: @Sendable () -> Date
    private let logger: Logger

    package init(
        settings: Settings,
        resolver: any HostResolver = SystemHostResolver(),
        now: @escaping @Sendable () -> Date = { Date() },
        logger: Logger
    ) {
        self.settings = settings
        self.resolver = resolver
        self.now = now
        self.logger = logger
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .nanoseconds(Int64(settings.timeout / .nanoseconds(1)))
        // A failed connection is told at once; the broker's retry tiers wait better than a client does.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Its spans would name the whole URL, and what a receiver's URL has in its query may be secret.
        configuration.tracing.tracer = nil
        clients = PinnedClients(configuration: configuration)
    }

    /// Keeps the connections until graceful shutdown, then closes them; its consumers have to end before.
    package func run() async throws {
        try? await gracefulShutdown()
        await clients.shutDown()
    }

    package func deliver(_ notification: UserNotification, attempt: Int) async -> DeliveryOutcome {
        guard let signer = settings.signer else {
            return .failed(Failure(.channelUnavailable, "webhooks are off: there is no secret to sign them with"))
        }
        let text: String
        switch settings.routing.route(for: notification) {
        case .none(let failure): return .failed(failure)
        case .address(let address): text = address
        }
        guard let address = HTTPAddress(text) else {
            return .failed(Failure(.badAddress, "\"\(text.prefix(200))\" is no plain http or https URL"))
        }
        let body = WebhookBody(notification).encoded
        guard body.count < Self.maximumBodyBytes else {
            let size = "\(body.count) bytes; a webhook carries less than \(Self.maximumBodyBytes)"
            return .failed(Failure(.tooLarge, "the notification has \(size)"))
        }
        return await send(body, of: notification, to: address, signer, attempt)
    }

    // MARK: Sending

    private func send(
        _ body: [UInt8],
        of notification: UserNotification,
        to address: HTTPAddress,
        _ signer: WebhookSigner,
        _ attempt: Int
    ) async -> DeliveryOutcome {
        do {
            return try await withDeadline(settings.timeout) {
                let found = await self.resolver.addresses(of: address.host)
                guard !found.isEmpty else { throw Unreachable("its name has no address") }
                let allowed = found.filter(self.settings.policy.allows)
                guard !allowed.isEmpty else { return .failed(Self.refused(address)) }
                // A receiver with several addresses is tried at the next one each time.
                let target = allowed[(attempt - 1) % allowed.count]
                let request = self.request(body, id: notification.id.lowercased, to: address, signer)
                let answer = try await withRequestSpan(request, to: address, attempt: attempt) { request in
                    try await self.exchange(request, host: address.host, at: target)
                }
                return answer.outcome(now: self.now())
            }
        } catch {
            logger.debug(
                "webhook failed",
                metadata: ["webhook.host": "\(address.host)", "error": "\(error)"]
            )
            let failure = Failure(.unreachable, "\(address.host) could not be reached: \(Unreachable.describe(error))")
            return .postponed(after: nil, failure)
        }
    }

    private static func refused(_ address: HTTPAddress) -> Failure {
        Failure(.addressRefused, "\(address.host) leads to a private network, where webhooks are not sent")
    }

    private func request(
        _ body: [UInt8],
        id: String,
        to address: HTTPAddress,
        _ signer: WebhookSigner
    ) -> HTTPClientRequest {
        let timestamp = Int64(now().timeIntervalSince1970)
        var request = HTTPClientRequest(url: address.url)
        request.method = .POST
        request.headers = [
            "content-type": "application/json",
            "user-agent": "martlet-notification-dispatcher",
            "webhook-id": id,
            "webhook-timestamp": String(timestamp),
            "webhook-signature": signer.signature(id: id, timestamp: timestamp, body: body),
        ]
        request.body = .bytes(body, length: .known(Int64(body.count)))
        return request
    }

    private func exchange(
        _ request: HTTPClientRequest,
        host: String,
        at target: IPAddress
    ) async throws -> WebhookAnswer {
        try await clients.withClient(host: host, address: target) { client in
            let response = try await client.execute(request, timeout: .seconds(3600))
            var read = 0
            for try await part in response.body {
                read += part.readableBytes
                if read > Self.maximumAnswerBytes { break }
            }
            return WebhookAnswer(
                status: Int(response.status.code),
                retryAfter: response.headers.first(name: "retry-after")
            )
        }
    }
}
