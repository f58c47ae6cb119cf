import Logging
import Messaging
import NotificationBus
import NotificationDomain
import NotificationInApp
import NotificationWebhook
import RabbitMQ
import ServiceBootstrap
import ServiceLifecycle

/// What this service is made of, and how it hangs together.
enum ServiceGraph: ServiceDefinition {
    static let name = "notification-dispatcher"
    static let summary = "Delivers notifications: in open sessions and as signed webhooks."
    static let keys = Settings.keys
    static let adminPort: Int? = 4002
    static let examples = [
        CommandExample(
            "WEBHOOK_SECRET=whsec_$(head -c 32 /dev/urandom | base64) notification-dispatcher",
            "On the RabbitMQ of this machine."
        ),
        CommandExample(
            "notification-dispatcher --config /etc/martlet/dispatcher.env --check-config",
            "Checks settings before a roll-out."
        ),
        CommandExample("curl -s http://127.0.0.1:4002/ready", "Asks whether it is ready, and why not."),
    ]

    private static let workQueues = [
        Topology.Queue.notifyDispatch, Topology.Queue.notifyInApp, Topology.Queue.notifyWebhook,
    ]
    /// In-app deliveries only wait for the broker's confirmation.
    private static let inAppConcurrency = 100

    static func check(_ configuration: ServiceConfiguration) async throws {
        _ = try configuration.broker(connectionName: name)
    }

    static func services(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) async throws -> [any Service] {
        let broker = try broker(configuration, context)
        context.health.register("broker") {
            let problems = broker.status.problems
            return problems.isEmpty ? .ready : .unready(problems.joined(separator: "; "))
        }
        let events = EventPublisher(broker, source: name)
        let outcomes = OutcomePublisher(publisher: events)
        let signer = configuration[Settings.webhookSecret]
        let routing = WebhookRouting(defaultAddress: configuration[Settings.webhookURL], canSign: signer != nil)
        let webhook = WebhookChannel(
            settings: WebhookChannel.Settings(
                routing: routing,
                signer: signer,
                policy: AddressPolicy(allowsPrivate: configuration[Settings.webhookAllowsPrivate]),
                timeout: configuration[Settings.webhookTimeout]
            ),
            logger: context.logger
        )
        return [
            broker, broker.monitor(of: workQueues), webhook,
            ChannelConsumer(
                channel: InAppChannel(publisher: events),
                consumer: broker,
                outcomes: outcomes,
                schedule: RetrySchedule(),
                concurrency: inAppConcurrency,
                logger: context.logger
            ),
            ChannelConsumer(
                channel: webhook,
                consumer: broker,
                outcomes: outcomes,
                schedule: RetrySchedule(maximumAttempts: configuration[Settings.webhookAttempts]),
                concurrency: configuration[Settings.webhookConcurrency],
                logger: context.logger
            ),
            DispatchConsumer(
                consumer: broker,
                publisher: broker,
                outcomes: outcomes,
                webhooks: routing,
                logger: context.logger
            ),
        ]
    }

    private static func broker(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) throws -> RabbitMQBroker {
        RabbitMQBroker(
            configuration: try configuration.broker(connectionName: context.instance),
            logger: context.logger
        )
    }
}

extension ServiceConfiguration {
    fileprivate func broker(connectionName: String) throws -> RabbitMQConfiguration {
        try RabbitMQConfiguration(
            url: self[SharedKeys.amqpURL],
            connectionName: connectionName,
            caFile: self[SharedKeys.amqpCAFile],
            certificateFile: self[SharedKeys.amqpCertificateFile],
            keyFile: self[SharedKeys.amqpKeyFile]
        )
    }
}
