import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import SocketIO

/// One client of Socket.IO: who it is, and at which desks it is served.
///
/// Its events are handled one after another; until it has said who it is, no other event than `authenticate` is.
final class GatewaySocket: SocketHandler {
    /// Wrong tokens after which a client is cut off.
    private static let maximumFailures = 5

    let services: SocketServices
    let address: String
    private let inbox = ClientInbox<SocketEvent>()
    /// Held while the client is connected.
    var places: SocketGate.Places?
    /// Who was let in while connecting, until it is connected.
    private var entering: (() -> SocketGate.Admission)?
    var identity: Identity?
    private(set) var contract = SocketContract.streams
    private(set) var streams: StreamDesk?
    private(set) var forum: ForumDesk?
    /// What keeps other events waiting.
    private var waits = 0
    private(set) var lostAt: ContinuousClock.Instant?
    /// Whether the client was lost while it was looked into what it may do.
    private(set) var isUndecided = false
    /// Whether another process knew the client, whose notifications are not among what it is told to have missed.
    private var isRestored = false
    private var failures = 0
    private var patience: Scheduled<Void>?

    /// - Parameter admission: `nil` for a client that has not said who it is.
    init(_ services: SocketServices, address: String, _ admission: SocketGate.Admission? = nil) {
        self.services = services
        self.address = address
        entering = admission.map { admission in { admission } }
    }

    var user: Identity? { identity }

    /// Takes over what another process knew of the client.
    func adopt(_ state: SocketState) {
        contract = state.contract
        isRestored = true
        if !state.attendances.isEmpty { streamDesk().restore(state.attendances) }
        if state.contract == .forum || !state.threads.isEmpty {
            forumDesk().restore(state.contract == .forum ? state.identity : nil, state.threads)
        }
    }

    // MARK: The connection

    func connected(_ socket: Socket) {
        inbox.opened(socket)
        emit("connected", ForumSpelling.connected(socket.id, at: services.now()), socket)
        if let entering { enter(entering(), socket) } else { awaitAuthentication(socket) }
        entering = nil
    }

    private func awaitAuthentication(_ socket: Socket) {
        patience = socket.shard?.loop.assumeIsolated().scheduleTask(in: TimeAmount(services.limits.authentication)) {
            [self] in
            cutOff(.unauthenticated, "authentication_timeout", socket)
        }
    }

    /// Tells a client why, and closes its connection.
    private func cutOff(_ refusal: Refusal, _ reason: String, _ socket: Socket) {
        emit("error", ErrorSpelling.payload(refusal, in: .forum, at: services.now()), socket)
        emit("disconnected", ForumSpelling.disconnected(reason, at: services.now()), socket)
        socket.disconnect(closing: true)
    }

    func transportChanged(_ socket: Socket) {
        guard let connection = socket.connection else { return }
        places?.user.opened(connection)
        expireWithToken(socket)
    }

    func disconnected(_ reason: String, _ socket: Socket) {
        patience?.cancel()
        patience = nil
        isUndecided = waits > 0
        lostAt = .now
        inbox.closed()
        if let identity { streams?.suspend(identity) }
        forum?.suspend()
        places = nil
    }

    func returnFailed() { places = nil }

    /// The client is back, where it was and as who it was.
    func resumed(_ socket: Socket) {
        guard let connection = socket.connection else { return }
        inbox.opened(socket)
        guard identity != nil else { return awaitAuthentication(socket) }
        places?.user.opened(connection)
        guard socket.isConnected else { return }
        expireWithToken(socket)
        if let identity { streams?.resume(identity) }
        forum?.resume()
        if isRestored { forum?.tellUnread(socket, self) }
        isRestored = false
        socket.stateChanged()
    }

    func expelled(from topic: String, _ expulsion: Expulsion, _ socket: Socket) {
        if let identity { streams?.expelled(from: topic, socket, identity.userID) }
        forum?.expelled(from: topic, socket)
    }

    func lostFleetingEvents(_ socket: Socket) { streams?.tellViewers(socket) }

    // MARK: Events

    func received(_ event: SocketEvent, _ socket: Socket) {
        inbox.receive(event) { handle($0, socket) }
    }

    private func handle(_ event: SocketEvent, _ socket: Socket) {
        do throws(Refusal) {
            if event.name == "authenticate" { return authenticate(event, socket) }
            guard let identity else { throw .unauthenticated }
            let call = SocketCall(event: event, identity: identity, socket: socket, client: self)
            switch SocketContract(event: event.name) {
            case .streams: try streamDesk().handle(call)
            case .forum: try forumDesk().handle(call)
            }
        } catch {
            refuse(error, event, socket)
        }
    }

    /// Whether what the client takes part in is as it has been told.
    var isDecided: Bool { waits == 0 }

    func streamDesk() -> StreamDesk {
        if let streams { return streams }
        let desk = StreamDesk(services)
        streams = desk
        return desk
    }

    func forumDesk() -> ForumDesk {
        if let forum { return forum }
        let desk = ForumDesk(services)
        forum = desk
        return desk
    }

    /// Handles no further event until `future` has completed and `body` has acted on it.
    func wait<Value>(
        for future: EventLoopFuture<Value>,
        _ socket: Socket,
        _ body: @escaping (Result<Value, any Error>) -> Void
    ) {
        func conclude(_ result: Result<Value, any Error>) {
            waits -= 1
            body(result)
            // What is stored of the client is from before.
            if socket.isConnected { socket.stateChanged() }
        }
        waits += 1
        inbox.wait(for: future, handle: { [self] in handle($0, socket) }, conclude)
    }

    /// Acts on what comes of `future`, while other events are handled.
    func follow<Value>(_ future: EventLoopFuture<Value>, _ body: @escaping (Result<Value, any Error>) -> Void) {
        inbox.beginPending()
        future.assumeIsolated().whenComplete { [self] result in
            inbox.endPending()
            body(result)
        }
    }

    // MARK: Answering

    func emit(_ name: String, _ payload: JSONObject, _ socket: Socket) { socket.tell(name, payload) }

    /// Tells the client why an event is not done, in the words of the event's contract.
    func refuse(_ refusal: Refusal, _ event: SocketEvent, _ socket: Socket) {
        let contract = SocketContract(event: event.name)
        let payload = ErrorSpelling.payload(refusal, in: contract, at: services.now())
        emit("error", payload, socket)
        event.acknowledge?([.object(["status": "error", "error": .object(payload)])])
    }

    // MARK: Who it is

    private func authenticate(_ event: SocketEvent, _ socket: Socket) {
        guard let loop = socket.shard?.loop else { return }
        let credentials: SocketCredentials
        do throws(Refusal) {
            credentials = try SocketCredentials(event.content(0))
        } catch {
            return reject(error, SocketCredentials.contract(of: event.content(0)), event, socket)
        }
        let answer = loop.makeFutureWithTask { [services, address, identity] in
            await Self.answer(credentials, address, renewing: identity, services)
        }
        wait(for: answer, socket) { [self] result in
            switch result {
            case .success(.success(let admission)): accept(admission, event, socket)
            case .success(.failure(let refusal)): reject(refusal, credentials.contract, event, socket)
            case .failure: reject(.cannotAuthenticate, credentials.contract, event, socket)
            }
        }
    }

    /// Who is known already may show a new token of the same user, and needs no place more.
    private static func answer(
        _ credentials: SocketCredentials,
        _ address: String,
        renewing identity: Identity?,
        _ services: SocketServices
    ) async -> Result<SocketGate.Admission, Refusal> {
        do throws(Refusal) {
            guard let identity else { return .success(try await services.gate.admit(credentials, from: address)) }
            let renewed = try await services.gate.renewed(identity, by: credentials, from: address)
            return .success(renewed)
        } catch {
            return .failure(error)
        }
    }

    private func accept(_ admission: SocketGate.Admission, _ event: SocketEvent, _ socket: Socket) {
        guard socket.isConnected else { return }
        patience?.cancel()
        patience = nil
        failures = 0
        event.acknowledge?([.object(["status": "ok", "user_id": .string(admission.identity.userID)])])
        enter(admission, socket)
    }

    private func reject(
        _ refusal: Refusal,
        _ contract: SocketContract,
        _ event: SocketEvent,
        _ socket: Socket
    ) {
        guard socket.isConnected else { return }
        let (name, payload) = AuthenticationSpelling.refused(refusal, in: contract)
        emit(name, payload, socket)
        event.acknowledge?([.object(["status": "error", "error": .object(payload)])])
        if refusal.reason == .rateLimited { return cutOff(refusal, "connection_limit", socket) }
        guard refusal.reason != .unavailable else { return }
        failures += 1
        if failures == Self.maximumFailures { cutOff(.unauthenticated, "authentication_failed", socket) }
    }

    private func enter(_ admission: SocketGate.Admission, _ socket: Socket) {
        let isNew = identity == nil
        identity = admission.identity
        if isNew {
            places = admission.places
            contract = admission.contract
        }
        let (name, payload) = AuthenticationSpelling.accepted(admission, socketID: socket.id)
        emit(name, payload, socket)
        expireWithToken(socket)
        guard isNew, let connection = socket.connection else { return }
        places?.user.opened(connection)
        guard socket.isConnected else { return }
        if admission.contract == .forum { forumDesk().enter(admission.identity, socket, self) }
    }

    /// Ends the connection when its token ends, if it does.
    private func expireWithToken(_ socket: Socket) {
        socket.connection?.expire(
            at: identity?.expiresAt.map { end in
                .now() + .milliseconds(max(end.milliseconds - services.now().milliseconds, 0))
            }
        )
    }
}
