import NIOCore

/// Where clients come in: accepts their connections, and shares them out among the event loops, to each in turn.
final class Entrance: Sendable {
    /// Where it listens.
    let address: SocketAddress
    private let reactors: [Reactor]
    private let listener: NIOLoopBound<Listener>

    /// - Throws: ``IOError`` or a resolver's error if it cannot listen.
    init(_ gateway: GatewayChannel, host: String, port: Int) async throws {
        var reactors: [Reactor] = []
        do {
            for shard in gateway.settings.hub.shards { reactors.append(try Reactor(loop: shard.loop)) }
            listener = try await Self.listen(host, port, gateway, reactors)
        } catch {
            for reactor in reactors { await reactor.stop() }
            throw error
        }
        self.reactors = reactors
        address = try await listener.eventLoop.submit { [listener] in listener.value.address }.get()
    }

    private static func listen(
        _ host: String,
        _ port: Int,
        _ gateway: GatewayChannel,
        _ reactors: [Reactor]
    ) async throws -> NIOLoopBound<Listener> {
        try await reactors[0].loop.submit {
            let reactor = reactors[0]
            let listener = try Listener(host: host, port: port, reactor: reactor, accept: share(gateway, reactors))
            try listener.begin()
            return NIOLoopBound(listener, eventLoop: reactor.loop)
        }.get()
    }

    /// What gives connections to the loops in turn.
    private static func share(
        _ gateway: GatewayChannel,
        _ reactors: [Reactor]
    ) -> (_ descriptor: CInt, _ address: SocketAddress?) -> Void {
        let shards = gateway.settings.hub.shards
        var turn = 0
        return { descriptor, address in
            let (shard, reactor) = (shards[turn], reactors[turn])
            turn = (turn + 1) % shards.count
            if shard.loop.inEventLoop {
                Arrival(descriptor, from: address, at: gateway, of: shard, reactor).begin()
            } else {
                shard.loop.execute { Arrival(descriptor, from: address, at: gateway, of: shard, reactor).begin() }
            }
        }
    }

    /// Lets nobody in any more; `completion` is called on an event loop.
    func close(_ completion: @escaping @Sendable () -> Void) {
        reactors[0].loop.execute { [listener] in
            listener.value.close()
            completion()
        }
    }

    /// Closes all that is still open.
    func stop() async {
        for reactor in reactors { await reactor.stop() }
    }
}
