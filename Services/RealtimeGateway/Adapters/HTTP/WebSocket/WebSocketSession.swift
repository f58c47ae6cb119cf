/// What a protocol does with a WebSocket connection; every call comes on the connection's event loop.
package protocol WebSocketSession: AnyObject {
    /// The connection is open; frames may be sent from here on.
    func opened(_ connection: WebSocketConnection)

    /// A whole message has come.
    func received(_ message: WebSocketMessage)

    /// The client will get no further frame; called once, whoever closed.
    func closed()
}
