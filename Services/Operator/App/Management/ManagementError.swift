/// Why RabbitMQ's management API did not do what was asked.
struct ManagementError: Error, CustomStringConvertible {
    enum Code: Sendable {
        /// Nothing answers there: the plugin is off, or the address is wrong.
        case unreachable
        /// It does not know the user, or the user may not use it.
        case unauthorized
        case notFound
        /// It refuses what was sent.
        case refused
        /// It answers, but not as RabbitMQ does.
        case malformed
    }

    let code: Code
    let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    var description: String { message }

    /// What an operator can do about it.
    var advice: String {
        switch code {
        case .unreachable:
            "run `rabbitmq-plugins enable rabbitmq_management` on the broker, or name its address with --management-url "
                + "or RABBITMQ_MANAGEMENT_URL"
        case .unauthorized:
            "give the user a tag: `rabbitmqctl set_user_tags USER monitoring policymaker`, or administrator to see "
                + "permissions, too; or name another user: --management-url http://USER:PASSWORD@HOST:15672"
        case .notFound, .refused, .malformed:
            "see the broker's log, and whether --management-url is RabbitMQ's management API"
        }
    }
}
