import BusBootstrap
import Logging
import Messaging
import NotificationBus
import NotificationDomain
import NotificationStore
import NotificationWebhook
import OutboundHTTP
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

    static func check(_ configuration: ServiceConfiguration) async throws {
        try MessageBus.check(configuration, name: name)
    }

    static func services(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext
    ) async throws -> [any Service] {
        let bus = try await MessageBus(
            configuration,
            context,
            name: name,
            schema: [NotificationSchema.component],
            retaining: NotificationSchema.retention
        )
        let events = OutcomeEvents(source: name)
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
        let ports = ChannelConsumer.Ports(
            consumer: bus.broker,
            database: bus.database,
            outbox: bus.outbox,
            deliveries: SQLDeliveryTable()
        )
        return bus.services + [
            bus.monitor(of: workQueues),
            webhook,
            // Each waits for its handlers to finish.
            ServicesTogether(
                InAppConsumer(consumer: bus.broker, inbox: bus.inbox, events: events),
                ChannelConsumer(
                    channel: webhook,
                    ports: ports,
                    events: events,
                    schedule: RetrySchedule(maximumAttempts: configuration[Settings.webhookAttempts]),
                    concurrency: configuration[Settings.webhookConcurrency],
                    logger: context.logger
                ),
                DispatchConsumer(
                    consumer: bus.broker,
                    inbox: bus.inbox,
                    decoder: bus.decoder,
                    events: events,
                    webhooks: routing,
                    logger: context.logger
                )
            ),
        ]
    }
}
