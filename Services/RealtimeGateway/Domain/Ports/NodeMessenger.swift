package import EventSchema

/// Tells all nodes of the gateway, this one too, of things that are soon out of date.
package protocol NodeMessenger: Sendable {
    /// Sends an event if there is a way to do so now; returns without waiting.
    func send(_ event: any EventPayload)
}
