import EventSchema
import NIOCore
import RealtimeHTTP
import ServiceBootstrap
import SocketIO

/// Contract 3's debug events for one client, until it is stopped.
final class DebugFeed {
    private static let interval = TimeAmount.seconds(5)

    private let hub: Hub
    private let socket: Socket
    private var next: Scheduled<Void>?
    private var isStopped = false

    init(_ hub: Hub, _ socket: Socket) {
        self.hub = hub
        self.socket = socket
        tell()
    }

    func stop() {
        isStopped = true
        next?.cancel()
        next = nil
    }

    private func tell() {
        guard !isStopped, socket.isConnected, let loop = socket.shard?.loop else { return }
        socket.tell("connection_stats", connections)
        socket.tell("memory_usage", Self.memory(.read()))
        socket.tell("event_metrics", ["events_per_minute": .integer(Int64(hub.metrics.eventsPerMinute))])
        next = loop.assumeIsolated().scheduleTask(in: Self.interval) { [self] in tell() }
    }

    private var connections: JSONObject {
        [
            "active": .integer(Int64(hub.connectionCount)),
            "total": .integer(Int64(hub.metrics.totalConnectionCount)),
            "rooms": .integer(Int64(hub.topicCount)),
        ]
    }

    /// Bytes.
    private static func memory(_ memory: MemoryStatistics) -> JSONObject {
        [
            "rss": .integer(Int64(memory.resident)),
            "heapTotal": .integer(Int64(memory.reservedHeap)),
            "heapUsed": .integer(Int64(memory.residentHeap)),
            "external": .integer(Int64(memory.residentFiles)),
        ]
    }
}
