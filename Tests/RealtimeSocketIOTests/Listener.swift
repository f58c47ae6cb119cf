import NIOCore
import NIOEmbedded
import RealtimeDomain

@testable import RealtimeHTTP

/// A client of an event loop that tests move by hand, which notes what it is told on topics as lines of text.
final class Listener {
    private final class Encoding: EventEncoding {
        func frame(_ event: TopicEvent) -> ByteBuffer? {
            guard case .json(let text) = event.content else { return nil }
            return ByteBuffer(string: "\(event.name) \(String(buffer: text))\n")
        }
    }

    private final class Session: ClientSession {
        func opened(_ connection: any ClientConnection) {}
        func received(_ message: ClientMessage) {}
        func closed() {}
    }

    let loop = EmbeddedEventLoop()
    let hub: Hub
    private let channel: EmbeddedChannel
    private let connection: WebSocketConnection

    init(on topics: String...) throws {
        hub = Hub(group: loop)
        channel = EmbeddedChannel(loop: loop)
        connection = WebSocketConnection(shard: hub.nextShard(), limits: ConnectionLimits(), session: Session())
        try channel.pipeline.syncOperations.addHandler(connection)
        for topic in topics { _ = connection.shard.subscribe(connection, to: topic, encoding: Encoding()) }
    }

    /// What was told since this was last asked.
    func take() throws -> [String] {
        loop.run()
        var lines: [String] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            lines += String(buffer: buffer).split(separator: "\n").map(String.init)
        }
        return lines
    }
}
