/// How clients are told where an event stands, so that they can come back for what follows.
///
/// Clients take for an offset whatever text an event's last argument is, socket.io-client among them.
package enum OffsetSpelling: Sendable, Hashable {
    /// As a last argument of the event itself, as Socket.IO 4 has it; handlers that take no further argument, as Python's
    /// do not, fail over it.
    case argument
    /// As the one argument of an event of this name, right behind it, which nobody has to know.
    case event(String)
}
