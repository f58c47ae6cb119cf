import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import SocketIO

/// An event of a client whose user is known, with what it takes to act on it and to answer.
struct SocketCall {
    let event: SocketEvent
    let identity: Identity
    let socket: Socket
    let client: GatewaySocket

    func fields() throws(Refusal) -> SocketFields { try SocketFields(event.content(0)) }

    func emit(_ name: String, _ payload: JSONObject) { client.emit(name, payload, socket) }

    /// Answers by acknowledgement, where the client wants one.
    func accept(_ payload: JSONObject = [:]) {
        event.acknowledge?([.object(payload.merging(["status": "ok"]) { $1 })])
    }

    func refuse(_ refusal: Refusal) { client.refuse(refusal, event, socket) }

    // MARK: What takes time

    /// Has `work` done, and no further event of the client handled until `body` has acted on it.
    func wait<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(Refusal) -> Value,
        _ body: @escaping (Value) -> Void
    ) {
        guard let loop = socket.shard?.loop else { return }
        client.wait(for: loop.makeFutureWithTask { try await work() }, socket) { conclude($0, body) }
    }

    /// Has `work` done, while other events of the client are handled.
    func follow<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(Refusal) -> Value,
        _ body: @escaping (Value) -> Void
    ) {
        guard let loop = socket.shard?.loop else { return }
        client.follow(loop.makeFutureWithTask { try await work() }) { conclude($0, body) }
    }

    /// Has a command carried out, while other events of the client are handled.
    func perform(
        _ command: ConversationCommand,
        in key: ConversationKey,
        by identity: Identity,
        _ body: @escaping (ConversationEvent) -> Void
    ) {
        guard let loop = socket.shard?.loop else { return }
        let promise = loop.makePromise(of: ConversationEvent.self)
        let request = ConversationRequest(command, in: key, by: identity, at: client.services.now())
        client.services.conversations.perform(request) { promise.completeWith($0.mapError { $0 }) }
        client.follow(promise.futureResult) { conclude($0, body) }
    }

    private func conclude<Value>(_ result: Result<Value, any Error>, _ body: (Value) -> Void) {
        // Otherwise there is nobody to be told.
        guard socket.isConnected else { return }
        switch result {
        case .success(let value): body(value)
        case .failure(let error): refuse(error as? Refusal ?? .busy)
        }
    }
}

extension Socket {
    /// Sends what is worth something to this client now, and nothing when it comes back.
    func tell(_ name: String, _ payload: JSONObject) { emit(name, [.object(payload)], isKept: false) }
}
