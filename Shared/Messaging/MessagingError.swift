/// A failure to publish or consume.
package struct MessagingError: Error, Sendable, CustomStringConvertible {
    @nonexhaustive package enum Code: String, Sendable {
        /// There is no connection now; it is being mended.
        case unavailable
        /// The broker did not answer in time; the message may have arrived.
        case timeout
        /// No queue takes messages with this routing key.
        case unroutable
        /// The broker refused the message: a full queue, an alarm.
        case rejected
        /// The broker refuses us: credentials, permissions.
        case accessRefused = "access_refused"
        /// A queue or exchange is missing or declared otherwise than we need it.
        case topologyMismatch = "topology_mismatch"
        /// The settings make no sense: an address that is no AMQP URL.
        case invalidConfiguration = "invalid_configuration"
        /// We are shutting down.
        case closed
    }

    package let code: Code
    /// What, which, and the cause: `queue 'media.process' not found (404)`.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
