/// What a protocol does with a WebSocket connection; every call comes on the connection's event loop.
package protocol WebSocketSession: AnyObject {
    /// The connection is open; frames may be sent from here on.
    func opened(_ connection: WebSocketConnection)

    /// A whole message has come.
    func received(_ message: WebSocketMessage)

    /// The client reads again, after events were dropped that may be: what was built on them has to be told anew.
    func lostFleetingEvents()

    /// The client will get no further frame; called once, whoever closed.
    func closed()
}

extension WebSocketSession {
    package func lostFleetingEvents() {}
}
