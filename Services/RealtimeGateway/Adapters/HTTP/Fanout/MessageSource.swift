/// Where the messages of a ``ClientInbox`` come from: a connection, or what shares one with others.
package protocol MessageSource: AnyObject {
    /// Takes no more from the client until ``resumeReading()``, which follows once for each call.
    func pauseReading()

    func resumeReading()

    /// Ends it, because more has come than may wait.
    func overrun()
}
