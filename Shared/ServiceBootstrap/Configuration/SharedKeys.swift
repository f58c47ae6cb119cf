package import Logging

/// The settings that every service has.
package enum SharedKeys {
    package static let amqpURL = ConfigurationKey(
        "AMQP_URL",
        .brokerAddress,
        default: "amqp://guest:guest@127.0.0.1:5672/",
        secret: true,
        "RabbitMQ: amqp://user:password@host:port/vhost, amqps:// for TLS; host:port,host:port for a cluster."
    )
    package static let amqpCAFile = ConfigurationKey(
        "AMQP_CA_FILE",
        .path,
        default: "/etc/ssl/certs/ca-certificates.crt",
        "PEM file of the certificates that may vouch for an amqps broker."
    )
    package static let amqpCertificateFile = ConfigurationKey(
        optional: "AMQP_CERT_FILE",
        .path,
        "PEM file of our own certificate, if the broker asks for one."
    )
    package static let amqpKeyFile = ConfigurationKey(
        optional: "AMQP_KEY_FILE",
        .path,
        "PEM file of the key of AMQP_CERT_FILE."
    )
    /// - Parameter name: The service's, which its file is called by.
    package static func databaseURL(of name: String) -> ConfigurationKey<String> {
        ConfigurationKey(
            "DATABASE_URL",
            .string,
            default: "sqlite:var/\(name).db",
            secret: true,
            "What is durable: sqlite:relative/path, sqlite:///absolute/path, or postgres://user:password@host/name."
        )
    }
    package static let retention = ConfigurationKey(
        "RETENTION_DAYS",
        .integer(in: 3...3650),
        unit: "days",
        default: 7,
        "How long is remembered which events are done; one that comes again later is worked on again."
    )
    package static let messageTypes = ConfigurationKey(
        "MESSAGE_TYPES",
        .messageTypes,
        default: [:],
        "Event types of messages whose class is not named after one: App\\Message\\Upload=media.uploaded,..."
    )
    package static let logLevel = ConfigurationKey(
        "LOG_LEVEL",
        .choice,
        default: Logger.Level.info,
        "The least important messages that are logged."
    )
    package static let logFormat = ConfigurationKey(
        "LOG_FORMAT",
        .choice,
        default: LogFormat.json,
        "How log lines on standard error are written."
    )
    package static let drainSeconds = ConfigurationKey(
        "DRAIN_SECONDS",
        .duration(in: .zero...(.seconds(86400))),
        unit: "s",
        default: .seconds(25),
        "How long work in hand may take to finish after SIGTERM."
    )
    package static let instanceID = ConfigurationKey(
        optional: "INSTANCE_ID",
        .string,
        "What this process calls itself in logs and on the bus; host name and process id if not set."
    )
    package static let adminHost = ConfigurationKey(
        "ADMIN_HOST",
        .string,
        default: "127.0.0.1",
        "The address for /health, /ready and /metrics; 0.0.0.0 in a container."
    )

    /// Those of every service, whatever it does.
    package static let all = [
        amqpURL.declaration, amqpCAFile.declaration, amqpCertificateFile.declaration, amqpKeyFile.declaration,
        retention.declaration, messageTypes.declaration, logLevel.declaration, logFormat.declaration,
        drainSeconds.declaration, instanceID.declaration, tracesFile.declaration, tracesSampleRatio.declaration,
    ]

    /// The port for `/health`, `/ready` and `/metrics`.
    package static func adminPort(default port: Int) -> ConfigurationKey<Int> {
        ConfigurationKey("ADMIN_PORT", .port, default: port, "The port for /health, /ready and /metrics; 0 for any.")
    }
}

extension ConfigurationType<String> {
    /// The address of an AMQP broker; the part after the host is read by the client, which knows virtual hosts.
    package static var brokerAddress: Self {
        Self(
            name: "url",
            expectation: "a URL that starts with amqp:// or amqps://",
            read: { text in
                let hasHost = ["amqp://", "amqps://"].contains { text.hasPrefix($0) && text.count > $0.count }
                return hasHost && !text.contains(" ") ? text : nil
            },
            write: { $0 }
        )
    }
}
