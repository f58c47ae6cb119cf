import EventSchema
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NotificationDomain
import NotificationWebhook
import OutboundHTTP
import ServiceLifecycle
import Synchronization
import Testing

/// Sends to a real server on loopback.
@Suite(.timeLimit(.minutes(2)))
struct WebhookChannelTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    /// What a receiver got.
    private final class Inbox: Sendable {
        struct Entry: Sendable {
            let headers: HTTPFields
            let body: [UInt8]
        }

        private let entries = Mutex<[Entry]>([])
        var all: [Entry] { entries.withLock { $0 } }
        func add(_ entry: Entry) { entries.withLock { $0.append(entry) } }
    }

    /// Answers every name with the same addresses.
    private struct FixedResolver: HostResolver {
        let addresses: [String]
        func addresses(of host: String) async -> [IPAddress] { addresses.compactMap { IPAddress($0) } }
    }

    private func channel(
        allowsPrivate: Bool = true,
        timeout: Duration = .seconds(15),
        resolver: any HostResolver = SystemHostResolver()
    ) -> WebhookChannel {
        WebhookChannel(
            settings: WebhookChannel.Settings(
                routing: WebhookRouting(defaultAddress: nil, canSign: true),
                signer: WebhookSigner(secrets: Self.secret),
                policy: AddressPolicy(allowsPrivate: allowsPrivate),
                timeout: timeout
            ),
            resolver: resolver,
            now: { Date(timeIntervalSince1970: 1_700_000_000) },
            logger: Logger(label: "test")
        )
    }

    /// Delivers as the service does: with connections that are closed in the end.
    private func deliver(
        _ notification: UserNotification,
        over channel: WebhookChannel,
        attempts: ClosedRange<Int> = 1...1
    ) async throws -> [DeliveryOutcome] {
        try await withThrowingTaskGroup { group in
            group.addTask { try await channel.run() }
            var outcomes: [DeliveryOutcome] = []
            for attempt in attempts { outcomes.append(await channel.deliver(notification, attempt: attempt)) }
            group.cancelAll()
            try await group.waitForAll()
            return outcomes
        }
    }

    private func notification(to address: String, body: String = "b") -> UserNotification {
        UserNotification(
            id: UUID(),
            userID: "u-1",
            title: "t",
            body: body,
            data: ["order": 5],
            requestedChannels: ["webhook"],
            address: address,
            requestedAt: Timestamp(milliseconds: 0)
        )
    }

    /// Runs a receiver whose paths are `respond`'s to answer, and hands its port to `body`.
    private func withReceiver(
        _ inbox: Inbox = Inbox(),
        respond: @escaping @Sendable (String) async throws -> Response = { _ in Response(status: .ok) },
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let responder = CallbackResponder<BasicRequestContext> { request, _ in
            let bytes = Array(buffer: try await request.body.collect(upTo: 1 << 20))
            inbox.add(Inbox.Entry(headers: request.headers, body: bytes))
            return try await respond(request.uri.path)
        }
        try await Application(
            responder: responder,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0))
        )
        .test(.live) { client in try await body(try #require(client.port)) }
    }

    private func deliver(
        status: Int,
        headers: HTTPFields = [:]
    ) async throws -> DeliveryOutcome {
        let outcome = Mutex<DeliveryOutcome?>(nil)
        let box = Box(outcome)
        let respond: @Sendable (String) async throws -> Response = { _ in
            Response(status: .init(code: status), headers: headers)
        }
        try await withReceiver(respond: respond) { port in
            let result = try await deliver(notification(to: "http://127.0.0.1:\(port)/"), over: channel())
            box.value.withLock { $0 = result.first }
        }
        return try #require(box.value.withLock { $0 })
    }

    private final class Box<Value: ~Copyable & Sendable>: Sendable {
        let value: Value
        init(_ value: consuming Value) { self.value = value }
    }

    // MARK: The request

    @Test func `a webhook carries the notification, signed, under the notification's id`() async throws {
        let inbox = Inbox()
        try await withReceiver(inbox) { port in
            let channel = channel()
            let notification = notification(to: "http://127.0.0.1:\(port)/hook")
            let outcomes = try await deliver(notification, over: channel, attempts: 1...2)
            #expect(outcomes == [.delivered, .delivered])

            #expect(inbox.all.count == 2)
            let id = notification.id.uuidString.lowercased()
            for entry in inbox.all {
                #expect(entry.headers[try #require(HTTPField.Name("webhook-id"))] == id)
                #expect(entry.headers[try #require(HTTPField.Name("webhook-timestamp"))] == "1700000000")
                let signer = try #require(WebhookSigner(secrets: Self.secret))
                #expect(
                    entry.headers[try #require(HTTPField.Name("webhook-signature"))]
                        == signer.signature(id: id, timestamp: 1_700_000_000, body: entry.body)
                )
                #expect(entry.headers[.contentType] == "application/json")
            }
            #expect(inbox.all[0].body == inbox.all[1].body)
            let json = try JSONParser.parse(inbox.all[0].body)
            #expect(json["type"] == "notification")
            #expect(json["timestamp"] == "1970-01-01T00:00:00Z")
            #expect(json["data"]?["title"] == "t")
            #expect(json["data"]?["user_id"] == "u-1")
            #expect(json["data"]?["data"] == ["order": 5])
        }
    }

    @Test func `a notification that is too large is refused before it is sent`() async {
        let outcome = await channel().deliver(
            notification(to: "http://127.0.0.1:1/", body: String(repeating: "x", count: 20_000)),
            attempt: 1
        )
        guard case .failed(let failure) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.reason == .tooLarge)
    }

    // MARK: Answers

    @Test func `gone is final`() async throws {
        let outcome = try await deliver(status: 410)
        #expect(outcome == .failed(Failure(.rejected, "the receiver has gone for good (HTTP 410)")))
    }

    @Test func `too many requests waits as long as the receiver says`() async throws {
        let outcome = try await deliver(status: 429, headers: [.retryAfter: "77"])
        let failure = Failure(.unreachable, "the receiver could not take it (HTTP 429)")
        #expect(outcome == .postponed(after: .seconds(77), failure))
    }

    @Test func `a redirect is not followed`() async throws {
        let inbox = Inbox()
        let respond: @Sendable (String) async throws -> Response = { path in
            path == "/" ? Response(status: .found, headers: [.location: "/elsewhere"]) : Response(status: .ok)
        }
        try await withReceiver(inbox, respond: respond) { port in
            let channel = channel()
            let outcomes = try await deliver(notification(to: "http://127.0.0.1:\(port)/"), over: channel)
            guard case .failed(let failure) = outcomes.first else {
                Issue.record("\(outcomes)")
                return
            }
            #expect(failure.reason == .rejected)
        }
        #expect(inbox.all.count == 1)
    }

    @Test func `an endless answer is cut off and its status counts`() async throws {
        let respond: @Sendable (String) async throws -> Response = { _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    let part = ByteBuffer(repeating: 0x78, count: 16 * 1024)
                    while !Task.isCancelled { try await writer.write(part) }
                    try await writer.finish(nil)
                }
            )
        }
        try await withReceiver(respond: respond) { port in
            let channel = channel()
            let outcomes = try await deliver(notification(to: "http://127.0.0.1:\(port)/"), over: channel)
            #expect(outcomes == [.delivered])
        }
    }

    @Test func `a receiver that does not answer in time is tried again`() async throws {
        let release = AsyncStream<Void>.makeStream()
        let respond: @Sendable (String) async throws -> Response = { _ in
            for await _ in release.stream {}
            return Response(status: .ok)
        }
        try await withReceiver(respond: respond) { port in
            let channel = channel(timeout: .milliseconds(200))
            let outcomes = try await deliver(notification(to: "http://127.0.0.1:\(port)/"), over: channel)
            release.continuation.finish()
            let failure = Failure(
                .unreachable,
                "127.0.0.1 could not be reached: it did not answer within 200 ms"
            )
            #expect(outcomes == [.postponed(after: nil, failure)])
        }
    }

    // MARK: Addresses

    @Test(arguments: [
        "http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://[::ffff:127.0.0.1]:9/",
        "http://127.1:9/", "http://2130706433:9/", "http://0x7f000001:9/", "http://169.254.169.254/latest/meta-data/",
    ])
    func `a private address is refused in every spelling`(url: String) async {
        let outcome = await channel(allowsPrivate: false).deliver(notification(to: url), attempt: 1)
        guard case .failed(let failure) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.reason == .addressRefused)
    }

    @Test func `a name that leads to a private address is refused`() async {
        let channel = channel(allowsPrivate: false, resolver: FixedResolver(addresses: ["10.0.0.7", "fd00::1"]))
        let outcome = await channel.deliver(notification(to: "https://intranet.example/"), attempt: 1)
        guard case .failed(let failure) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.reason == .addressRefused)
    }

    @Test func `the connection goes to the address that was checked`() async throws {
        // No DNS knows the name: without the pin the request could not arrive.
        let inbox = Inbox()
        try await withReceiver(inbox) { port in
            let channel = channel(resolver: FixedResolver(addresses: ["127.0.0.1"]))
            let url = "http://Checked.Invalid:\(port)/"
            let outcomes = try await deliver(notification(to: url), over: channel)
            #expect(outcomes == [.delivered])
            #expect(inbox.all.count == 1)
        }
    }

    @Test func `a name without address and a closed port are tried again`() async throws {
        let channel = channel(resolver: FixedResolver(addresses: []))
        let nowhere = await channel.deliver(notification(to: "https://nowhere.example/"), attempt: 1)
        let failure = Failure(.unreachable, "nowhere.example could not be reached: its name has no address")
        #expect(nowhere == .postponed(after: nil, failure))
        let closed = try await deliver(notification(to: "http://127.0.0.1:1/"), over: self.channel())
        guard case .postponed(nil, let failure) = closed.first else {
            Issue.record("\(closed)")
            return
        }
        #expect(failure.reason == .unreachable)
    }
}
