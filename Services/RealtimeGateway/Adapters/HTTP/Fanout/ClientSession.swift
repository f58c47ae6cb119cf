/// What a protocol does with a client; every call comes on the connection's event loop.
package protocol ClientSession: AnyObject {
    /// The connection is open; frames may be sent from here on.
    func opened(_ connection: any ClientConnection)

    /// A whole message has come.
    func received(_ message: ClientMessage)

    /// The client reads again, after events were dropped that may be: what was built on them has to be told anew.
    func lostFleetingEvents()

    /// The client will get no further frame; called once, whoever closed.
    func closed()
}

extension ClientSession {
    package func lostFleetingEvents() {}
}
