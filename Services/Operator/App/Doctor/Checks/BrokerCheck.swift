import EventSchema
import Messaging
import RabbitMQ

/// Whether the broker lets us in, how fast, in which version, and whether others can listen.
struct BrokerCheck: Check {
    /// Longer, for a person's patience and for a service's confirm timeout.
    private static let slow = Duration.seconds(1)

    func findings(_ context: DoctorContext) async -> [Finding] {
        let address = context.broker.address
        let start = ContinuousClock.now
        do {
            let properties = try await QueueReader.with(context.broker, name: context.broker.connectionName) { reader in
                await reader.serverProperties
            }
            return [reached(properties, after: ContinuousClock.now - start, address), encryption(address)].compactMap(
                \.self
            )
        } catch {
            return [
                .fail(
                    .broker,
                    "\(address.redacted) cannot be reached: \(error)",
                    mend: "see AMQP_URL (user, password, virtual host) and whether RabbitMQ runs there"
                )
            ]
        }
    }

    private func reached(_ properties: JSONObject, after time: Duration, _ address: AMQPURL) -> Finding {
        let text = properties["version"]?.stringValue ?? "of unknown version"
        let what = "RabbitMQ \(text) at \(address.redacted) let us in after \(Int(time / .milliseconds(1))) ms"
        guard let version = ServerVersion(text) else {
            return .warn(.broker, what, mend: "is it RabbitMQ? Only that is tested")
        }
        guard version >= .oldestSupported else {
            return .fail(.broker, what, mend: "upgrade to 3.10 or later: before, dead-lettering loses messages")
        }
        guard time < Self.slow else {
            return .warn(.broker, what, mend: "see its load, and the network in between")
        }
        return .ok(.broker, what)
    }

    private func encryption(_ address: AMQPURL) -> Finding? {
        if address.isSecure { return .ok(.broker, "the connection is encrypted (TLS)") }
        let remote = address.nodes.map(\.host).filter { !["localhost", "127.0.0.1", "::1"].contains($0) }
        guard let host = remote.first else { return nil }
        return .warn(
            .broker,
            "the password and all events travel to \(host) in the clear",
            mend: "use amqps:// with AMQP_CA_FILE, unless the network is encrypted otherwise"
        )
    }
}
