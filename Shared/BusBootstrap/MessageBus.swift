package import Messaging
package import Persistence
package import RabbitMQ
package import ServiceBootstrap
package import ServiceLifecycle

/// What every service stands on: a broker, a database, and between them an inbox and an outbox.
package struct MessageBus: Sendable {
    package let broker: RabbitMQBroker
    package let database: any Database
    package let outbox: Outbox
    package let inbox: Inbox
    /// Reads what backends publish, in whatever form.
    package let decoder: EventDecoder
    private let retention: Retention

    /// What runs, in the order in which it starts: before everything that consumes or adds to the outbox.
    package var services: [any Service] { [database, broker, outbox, retention] }

    /// Opens the database, brings its tables up to date and prepares the connection to the broker.
    ///
    /// - Parameters:
    ///   - name: The service's.
    ///   - schema: The service's own tables, besides those of messaging.
    /// - Throws: what keeps the service from starting, in one line.
    package init(
        _ configuration: ServiceConfiguration,
        _ context: ServiceContext,
        name: String,
        schema: [SchemaComponent] = [],
        retaining rules: [RetentionRule] = []
    ) async throws {
        database = try await DatabaseURL(configuration[SharedKeys.databaseURL(of: name)]).open(logger: context.logger)
        try await database.migrate([MessagingSchema.component] + schema)
        broker = RabbitMQBroker(
            configuration: try configuration.broker(connectionName: context.instance),
            logger: context.logger
        )
        outbox = Outbox(
            database: database,
            publisher: broker,
            service: name,
            instance: context.instance,
            logger: context.logger
        )
        inbox = Inbox(database: database, outbox: outbox, logger: context.logger)
        decoder = EventDecoder(types: configuration[SharedKeys.messageTypes])
        retention = Retention(
            database: database,
            rules: MessagingSchema.retention + rules,
            age: .seconds(86_400) * configuration[SharedKeys.retention],
            logger: context.logger
        )
        register(context.health)
    }

    /// What tells how full the service's work queues are.
    ///
    /// - Parameter pending: Work of a queue that the service's store holds without a delivery.
    package func monitor(
        of queues: [String],
        pending: @escaping @Sendable (_ queue: String) -> Int = { _ in 0 }
    ) -> any Service {
        broker.monitor(of: queues, pending: pending)
    }

    /// Checks the settings without connecting.
    package static func check(_ configuration: ServiceConfiguration, name: String) throws {
        _ = try configuration.broker(connectionName: name)
        do throws(DatabaseError) {
            _ = try DatabaseURL(configuration[SharedKeys.databaseURL(of: name)])
        } catch {
            throw DatabaseError(error.code, "DATABASE_URL: \(error.message)")
        }
    }

    private func register(_ health: HealthRegistry) {
        health.register("broker") { [broker] in
            let problems = broker.status.problems
            return problems.isEmpty ? .ready : .unready(problems.joined(separator: "; "))
        }
        health.register("database") { [database] in
            database.problem.map { .unready($0) } ?? .ready
        }
        health.register("outbox") { [outbox] in
            outbox.hasRoom ? .ready : .unready("full: the broker takes nothing")
        }
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
