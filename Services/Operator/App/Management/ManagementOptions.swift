import ArgumentParser
import Foundation
import RabbitMQ

/// How a command reaches RabbitMQ's management API.
struct ManagementOptions: ParsableArguments {
    @Option(
        name: .customLong("management-url"),
        help: """
            RabbitMQ's management API; RABBITMQ_MANAGEMENT_URL if not given, and else port 15672 of the AMQP host, with the \
            same user.
            """
    )
    var address: String?

    /// Where it is, and as whom to ask.
    func access(_ broker: RabbitMQConfiguration) throws -> ManagementAccess {
        let given =
            address ?? ProcessInfo.processInfo.environment["RABBITMQ_MANAGEMENT_URL"].flatMap { $0.isEmpty ? nil : $0 }
        guard let given else {
            // Of a cluster any node tells for all.
            let host = broker.address.nodes[0].host
            return ManagementAccess(
                base: "http://\(host.contains(":") ? "[\(host)]" : host):15672",
                broker: broker.address
            )
        }
        guard let access = ManagementAccess(given, broker: broker.address) else {
            throw CommandFailure(.failed, "the management URL cannot be used; it should look like http://host:15672")
        }
        return access
    }
}

/// Where the management API is, and as whom to ask.
struct ManagementAccess: Sendable, Hashable {
    /// Without a slash at its end, and without a password.
    let base: String
    let user: String
    let password: String
    let virtualHost: String

    init(base: String, broker: AMQPURL) {
        self.base = base
        user = broker.user
        password = broker.password
        virtualHost = broker.virtualHost
    }

    /// Reads `http://host:15672`, which may name a user and a password of its own.
    init?(_ text: String, broker: AMQPURL) {
        guard var parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false,
            parts.query == nil, parts.fragment == nil
        else { return nil }
        user = parts.user ?? broker.user
        password = parts.user == nil ? broker.password : parts.password ?? ""
        virtualHost = broker.virtualHost
        parts.user = nil
        parts.password = nil
        guard var text = parts.string else { return nil }
        while text.hasSuffix("/") { text.removeLast() }
        base = text
    }
}
