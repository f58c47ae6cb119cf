package import Messaging

/// How to reach a broker, and the bounds within which to use it.
package struct RabbitMQConfiguration: Sendable {
    /// What secures an `amqps` connection: TLS 1.2 or later, the broker's certificate and its host name checked.
    package struct TLS: Sendable, Hashable {
        /// The certificates that may vouch for the broker, PEM.
        package var caFile: String
        /// Our own certificate and key, PEM, for brokers that ask for one.
        package var certificateFile: String?
        package var keyFile: String?
    }

    /// The certificates of Debian's `ca-certificates`.
    package static let defaultCAFile = "/etc/ssl/certs/ca-certificates.crt"

    package let address: AMQPURL
    package let tls: TLS?
    /// What operators see in the broker's list of connections: `media-processor`.
    package let connectionName: String

    /// The silence after which a side is taken for dead is twice this; the broker may ask for less.
    package var heartbeat: Duration
    /// For TCP and TLS together, and again for the login.
    package var connectTimeout: Duration = .seconds(5)
    /// For each answer of the broker to a declaration.
    package var answerTimeout: Duration = .seconds(10)
    /// From the call of publish to the broker's confirmation.
    package var confirmTimeout: Duration = .seconds(5)
    /// After which a write that the broker does not read counts as a dead connection.
    package var sendTimeout: Duration = .seconds(10)
    /// Messages sent and not yet confirmed.
    package var confirmWindow = 256
    /// Messages that wait for room in the window; further ones are refused.
    package var maximumWaiting = 10_000
    /// Bytes of bodies that wait for room in the window.
    package var maximumWaitingBytes = 64 << 20
    /// Bytes of a body that we publish or give to handlers, the broker's own bound from 4.0 on.
    package var maximumMessageSize = 16 << 20
    /// Retries and parking.
    package var settlement = SettlementPolicy()
    /// Silence between the last acknowledgement and the end of a connection.
    ///
    /// A quorum queue may drop acknowledgements that come right before the close (rabbitmq-server #10327).
    package var settleGrace: Duration = .milliseconds(300)
    /// Bounds of the pause before the next try to connect; the upper one is how late we may find a broker that is back.
    package var backoff: ClosedRange<Duration> = .milliseconds(100) ... .seconds(2)

    /// Reads the address.
    ///
    /// - Throws: ``MessagingError`` with `invalid_configuration`.
    package init(
        url: String,
        connectionName: String,
        caFile: String = defaultCAFile,
        certificateFile: String? = nil,
        keyFile: String? = nil
    ) throws(MessagingError) {
        address = try AMQPURL(url)
        self.connectionName = connectionName
        heartbeat = address.heartbeat ?? .seconds(10)
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw MessagingError(.invalidConfiguration, "AMQP_CERT_FILE and AMQP_KEY_FILE need each other")
        }
        tls = address.isSecure ? TLS(caFile: caFile, certificateFile: certificateFile, keyFile: keyFile) : nil
    }
}
