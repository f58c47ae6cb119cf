import CRabbitMQ
import EventSchema
import Foundation
import Messaging

/// One connection to a broker with one channel; belongs to the thread that opened it.
final class AMQPConnection {
    static let channel: amqp_channel_t = 1
    /// rabbitmq-c's default; brokers from 4.1 on refuse less than 8 KiB.
    private static let frameMax: Int32 = 131_072

    /// The broker's address for people.
    let address: String
    let state: amqp_connection_state_t
    private let watch: SocketWatch
    let arena = Arena()
    private var frames = FrameAssembler()
    /// Within ``together(_:)``, which watches the writes as one.
    private var isGathering = false

    /// Connects, logs in and opens the channel.
    ///
    /// - Parameter watch: Guards the writes; it learns the socket here and forgets it when the connection goes.
    init(
        _ configuration: RabbitMQConfiguration,
        node: AMQPURL.Node,
        name: String,
        watch: SocketWatch
    ) throws(ConnectionFailure) {
        guard let state = amqp_new_connection() else { preconditionFailure("out of memory") }
        address = configuration.address.redacted([node])
        self.state = state
        self.watch = watch
        try open(configuration, node)
        try logIn(configuration, name: name)
        amqp_channel_open(state, Self.channel)
        try check("channel cannot be opened")
    }

    deinit {
        watch.detach()
        amqp_destroy_connection(state)
    }

    /// What poll(2) waits for.
    var socket: Int32 { amqp_get_sockfd(state) }

    /// How long the connection may be left alone; heartbeats are only sent and missed while frames are read.
    var longestSilence: Duration {
        let heartbeat = amqp_get_heartbeat(state)
        return heartbeat > 0 ? .seconds(heartbeat) / 3 : .seconds(5)
    }

    // MARK: Opening

    private func open(_ configuration: RabbitMQConfiguration, _ node: AMQPURL.Node) throws(ConnectionFailure) {
        var timeout = configuration.connectTimeout.timeval
        var answerTimeout = configuration.answerTimeout.timeval
        amqp_set_handshake_timeout(state, &timeout)
        amqp_set_rpc_timeout(state, &answerTimeout)
        let socket = try socket(configuration)
        let status = amqp_socket_open_noblock(socket, node.host, Int32(node.port), &timeout)
        guard status == AMQP_STATUS_OK.rawValue else {
            throw ConnectionFailure(status: status, while: "no connection to \(address)")
        }
        watch.attach(self.socket)
    }

    private func socket(_ configuration: RabbitMQConfiguration) throws(ConnectionFailure) -> OpaquePointer {
        guard let tls = configuration.tls else {
            guard let socket = amqp_tcp_socket_new(state) else { preconditionFailure("out of memory") }
            return socket
        }
        guard let socket = amqp_ssl_socket_new(state) else {
            throw ConnectionFailure(.unavailable, "OpenSSL cannot be set up")
        }
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, 1)
        try checkFile(amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST), "TLS 1.2")
        try checkFile(amqp_ssl_socket_set_cacert(socket, tls.caFile), "AMQP_CA_FILE '\(tls.caFile)'")
        if let certificate = tls.certificateFile, let key = tls.keyFile {
            let files = "AMQP_CERT_FILE '\(certificate)' with AMQP_KEY_FILE '\(key)'"
            try checkFile(amqp_ssl_socket_set_key(socket, certificate, key), files)
        }
        return socket
    }

    private func checkFile(_ status: Int32, _ what: String) throws(ConnectionFailure) {
        guard status == AMQP_STATUS_OK.rawValue else {
            throw ConnectionFailure(.invalidConfiguration, "\(what) cannot be used for TLS", isPermanent: true)
        }
    }

    private func logIn(_ configuration: RabbitMQConfiguration, name: String) throws(ConnectionFailure) {
        defer { arena.recycle() }
        let account = configuration.address
        // rabbitmq-c announces none of these capabilities by itself, and merges ours into what it announces.
        var properties = HeaderTable.encode(
            [
                "product": "Martlet",
                "version": "1",
                "connection_name": .string(name),
                "capabilities": [
                    "basic.nack": true, "connection.blocked": true, "consumer_cancel_notify": true,
                    "publisher_confirms": true,
                ],
            ],
            in: arena
        )
        let reply = crabbitmq_login(
            state,
            account.virtualHost,
            Self.frameMax,
            configuration.heartbeat.wholeSeconds,
            &properties,
            account.user,
            account.password
        )
        let action = "login to \(address)"
        guard let failure = ConnectionFailure(reply, while: action) else { return }
        // Without the `authentication_failure_close` of newer brokers a wrong password just ends the connection.
        throw failure
    }

    // MARK: Answers

    /// Throws if the last synchronous call failed.
    func check(_ action: @autoclosure () -> String) throws(ConnectionFailure) {
        if let failure = ConnectionFailure(amqp_get_rpc_reply(state), while: action()) { throw failure }
    }

    func written(_ action: String, _ write: () -> Int32) throws(ConnectionFailure) {
        if !isGathering { watch.beginWriting() }
        let status = write()
        if !isGathering { watch.endWriting() }
        guard status == AMQP_STATUS_OK.rawValue else { throw ConnectionFailure(status: status, while: action) }
    }

    /// Has what `body` writes leave in as few segments as it fits in.
    ///
    /// Sending is most of what a message costs, here and at the broker, and it is paid by the segment.
    func together(_ body: () throws(ConnectionFailure) -> Void) throws(ConnectionFailure) {
        watch.beginWriting()
        isGathering = true
        hold(true)
        defer {
            hold(false)
            isGathering = false
            watch.endWriting()
        }
        try body()
    }

    /// tcp(7), TCP_CORK: an incomplete segment waits; where that is refused, each write is a segment as before.
    private func hold(_ holds: Bool) {
        var value: Int32 = holds ? 1 : 0
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: Reading

    /// The next thing the broker said; `nil` if there is nothing to read now.
    ///
    /// Services heartbeats, in both directions.
    func nextSignal() throws(ConnectionFailure) -> BrokerSignal? {
        while true {
            var frame = amqp_frame_t()
            var noTime = Duration.zero.timeval
            let status = amqp_simple_wait_frame_noblock(state, &frame, &noTime)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            guard status == AMQP_STATUS_OK.rawValue else {
                throw ConnectionFailure(status: status, while: "connection lost")
            }
            if let signal = try frames.accept(frame) { return signal }
        }
    }

    /// Frees the memory of frames already read.
    func releaseBuffers() { amqp_maybe_release_buffers(state) }

    // MARK: Publishing

    /// Makes the broker answer each publish with its delivery tag, from 1 on.
    func enableConfirms() throws(ConnectionFailure) {
        amqp_confirm_select(state, Self.channel)
        try check("confirms refused")
    }

    func publish(
        _ message: Message,
        to destination: Destination,
        persistent: Bool,
        mandatory: Bool
    ) throws(ConnectionFailure) {
        defer { arena.recycle() }
        var properties = amqp_basic_properties_t(message, persistent: persistent, in: arena)
        let exchange = arena.bytes(destination.exchange)
        let routingKey = arena.bytes(destination.routingKey)
        try written("message cannot be sent") {
            message.body.withUnsafeBytes { body in
                let bytes = amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
                return amqp_basic_publish(
                    state,
                    Self.channel,
                    exchange,
                    routingKey,
                    mandatory ? 1 : 0,
                    0,
                    &properties,
                    bytes
                )
            }
        }
    }

    // MARK: Consuming

    /// Starts deliveries of a queue, at most `prefetch` of them unsettled.
    func consume(_ queue: String, tag: String, prefetch: Int) throws(ConnectionFailure) {
        defer { arena.recycle() }
        amqp_basic_qos(state, Self.channel, 0, UInt16(clamping: prefetch), 0)
        try check("prefetch refused")
        amqp_basic_consume(state, Self.channel, arena.bytes(queue), arena.bytes(tag), 0, 0, 0, amqp_table_t())
        try check("queue '\(queue)' cannot be consumed")
    }

    /// Ends deliveries; the broker has sent all that it will when this returns.
    func cancel(tag: String) throws(ConnectionFailure) {
        defer { arena.recycle() }
        amqp_basic_cancel(state, Self.channel, arena.bytes(tag))
        try check("consumer cannot be cancelled")
    }

    /// - Parameter multiple: All unsettled deliveries up to this one.
    func acknowledge(_ tag: UInt64, multiple: Bool) throws(ConnectionFailure) {
        try written("delivery cannot be acknowledged") {
            amqp_basic_ack(state, Self.channel, tag, multiple ? 1 : 0)
        }
    }

    /// Gives a delivery back as not tried: `basic.nack`, which newer brokers do not count against the delivery limit.
    func requeue(_ tag: UInt64) throws(ConnectionFailure) {
        try written("delivery cannot be put back") { amqp_basic_nack(state, Self.channel, tag, 0, 1) }
    }

    // MARK: Declaring

    /// Declares a topology, without a round trip for each item: the broker answers only to what it refuses, and then
    /// closes the channel with the reason.
    func declare(_ topology: Topology.Declaration) throws(ConnectionFailure) {
        defer { arena.recycle() }
        for exchange in topology.exchanges { try declare(exchange) }
        for queue in topology.queues { try declare(queue) }
        for binding in topology.bindings { try bind(binding.queue, binding.exchange, binding.routingKey) }
        try settleDeclarations("topology cannot be declared")
    }

    /// Declares a queue that goes with this connection, and its bindings.
    func declareExclusive(_ name: String, bindings: [Subscription.Binding]) throws(ConnectionFailure) {
        defer { arena.recycle() }
        var queue = amqp_queue_declare_t()
        queue.queue = arena.bytes(name)
        queue.exclusive = 1
        queue.auto_delete = 1
        queue.nowait = 1
        try send(AMQP_QUEUE_DECLARE_METHOD, &queue)
        for binding in bindings { try bind(name, binding.exchange, binding.pattern) }
        try settleDeclarations("queue '\(name)' cannot be declared")
    }

    private func declare(_ exchange: Topology.ExchangeDeclaration) throws(ConnectionFailure) {
        var method = amqp_exchange_declare_t()
        method.exchange = arena.bytes(exchange.name)
        method.type = arena.bytes(exchange.kind.rawValue)
        method.durable = 1
        method.nowait = 1
        if let alternate = exchange.alternate {
            method.arguments = HeaderTable.encode(["alternate-exchange": .string(alternate)], in: arena)
        }
        try send(AMQP_EXCHANGE_DECLARE_METHOD, &method)
    }

    private func declare(_ queue: Topology.QueueDeclaration) throws(ConnectionFailure) {
        var method = amqp_queue_declare_t()
        method.queue = arena.bytes(queue.name)
        method.durable = 1
        method.nowait = 1
        method.arguments = HeaderTable.encode(["x-queue-type": "quorum"], in: arena)
        try send(AMQP_QUEUE_DECLARE_METHOD, &method)
    }

    private func bind(_ queue: String, _ exchange: String, _ routingKey: String) throws(ConnectionFailure) {
        var method = amqp_queue_bind_t()
        method.queue = arena.bytes(queue)
        method.exchange = arena.bytes(exchange)
        method.routing_key = arena.bytes(routingKey)
        method.nowait = 1
        try send(AMQP_QUEUE_BIND_METHOD, &method)
    }

    func send(_ method: amqp_method_number_t, _ arguments: UnsafeMutableRawPointer) throws(ConnectionFailure) {
        try written("declaration cannot be sent") { amqp_send_method(state, Self.channel, method, arguments) }
    }

    /// A round trip: what was refused before it shows as its answer.
    private func settleDeclarations(_ action: String) throws(ConnectionFailure) {
        amqp_basic_qos(state, Self.channel, 0, 1, 0)
        try check(action)
    }

    // MARK: Closing

    /// Says goodbye; what the broker answers does not matter any more.
    func close() {
        watch.beginWriting()
        amqp_connection_close(state, AMQP_REPLY_SUCCESS)
        watch.endWriting()
    }
}
