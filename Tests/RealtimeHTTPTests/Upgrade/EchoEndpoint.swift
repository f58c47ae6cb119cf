import NIOCore
import NIOHTTP1

@testable import RealtimeHTTP

/// Opens WebSockets that send everything back; `?refuse` is not let in, and `?think` has to wait for what `thought` does.
struct EchoEndpoint: WebSocketEndpoint {
    let path = "/echo"
    var thought: @Sendable () async -> Void = {}

    func answer(_ request: UpgradeRequest) async -> UpgradeAnswer {
        if request.parameter("think") != nil { await thought() }
        if request.parameter("refuse") != nil { return .refuse(.forbidden) }
        let topic = request.parameter("topic")
        return .accept(subprotocol: request.headers.first(name: "sec-websocket-protocol")) { hub in
            EchoSession(hub: hub, topic: topic)
        }
    }
}

/// Sends everything back, to the whole topic if it has one.
final class EchoSession: ClientSession {
    private final class Plain: EventEncoding {
        func frame(_ event: TopicEvent) -> ByteBuffer? {
            guard case .binary(let data) = event.content else { return nil }
            return FrameWriter.binary(capacity: data.readableBytes) { $0.writeImmutableBuffer(data) }
        }
    }

    private static let plain = Plain()

    private let hub: Hub
    private let topic: String?
    private var connection: (any ClientConnection)?
    private var subscription: Subscription?

    init(hub: Hub, topic: String?) {
        self.hub = hub
        self.topic = topic
    }

    func opened(_ connection: any ClientConnection) {
        self.connection = connection
        subscription = topic.map { connection.shard.subscribe(connection, to: $0, encoding: Self.plain) }
    }

    func received(_ message: ClientMessage) {
        switch message {
        case .text(let text):
            connection?.send(FrameWriter.text(capacity: text.readableBytes) { $0.writeImmutableBuffer(text) })
        case .binary(let data):
            guard let topic else { return }
            hub.publish(TopicEvent(topic: topic, name: "", content: .binary(data)))
        }
    }

    func closed() {
        if let subscription { connection?.shard.unsubscribe(subscription) }
        connection = nil
    }
}
