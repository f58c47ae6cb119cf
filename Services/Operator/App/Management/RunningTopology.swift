import EventSchema

/// What a broker has in one virtual host, as its management API tells.
struct RunningTopology: Sendable {
    struct Exchange: Sendable, Hashable {
        var name: String
        var type: String
        var isDurable = true
        var arguments: JSONObject = [:]
    }

    struct Queue: Sendable, Hashable {
        var name: String
        var isDurable = true
        var arguments: JSONObject = [:]
    }

    struct Binding: Sendable, Hashable {
        var exchange: String
        var queue: String
        var routingKey: String
    }

    struct Policy: Sendable, Hashable {
        var name: String
        var pattern: String
        var appliesTo: String
        var priority: Int64
        var definition: JSONObject
    }

    var version: ServerVersion
    var exchanges: [Exchange]
    var queues: [Queue]
    var bindings: [Binding]
    var policies: [Policy]
}

extension RunningTopology {
    /// Asks for everything.
    init(_ client: ManagementClient) async throws(ManagementError) {
        let host = client.access.virtualHost
        let overview = try await client.answer(["overview"], columns: ["rabbitmq_version"]).value
        guard let version = overview["rabbitmq_version"]?.stringValue.flatMap({ ServerVersion($0) }) else {
            throw ManagementError(.malformed, "\(client.access.base) does not tell RabbitMQ's version")
        }
        self.version = version
        exchanges = try await Self.items(client, ["exchanges", host], ["name", "type", "durable", "arguments"]) {
            item in
            guard let name = item["name"]?.stringValue, let type = item["type"]?.stringValue else { return nil }
            return Exchange(
                name: name,
                type: type,
                isDurable: item["durable"] == true,
                arguments: item["arguments"]?.objectValue ?? [:]
            )
        }
        queues = try await Self.items(client, ["queues", host], ["name", "durable", "arguments"]) { item in
            guard let name = item["name"]?.stringValue else { return nil }
            return Queue(
                name: name,
                isDurable: item["durable"] == true,
                arguments: item["arguments"]?.objectValue ?? [:]
            )
        }
        bindings = try await Self.bindings(client, host)
        policies = try await Self.policies(client, host)
    }

    private static func bindings(
        _ client: ManagementClient,
        _ host: String
    ) async throws(ManagementError) -> [Binding] {
        let columns = ["source", "destination", "destination_type", "routing_key"]
        return try await items(client, ["bindings", host], columns) { item in
            // The default exchange is bound to every queue by itself.
            guard item["destination_type"] == "queue", let source = item["source"]?.stringValue, !source.isEmpty,
                let queue = item["destination"]?.stringValue, let key = item["routing_key"]?.stringValue
            else { return nil }
            return Binding(exchange: source, queue: queue, routingKey: key)
        }
    }

    private static func policies(
        _ client: ManagementClient,
        _ host: String
    ) async throws(ManagementError) -> [Policy] {
        try await items(client, ["policies", host], []) { item in
            guard let name = item["name"]?.stringValue, let pattern = item["pattern"]?.stringValue else { return nil }
            return Policy(
                name: name,
                pattern: pattern,
                appliesTo: item["apply-to"]?.stringValue ?? "all",
                priority: item["priority"]?.integerValue ?? 0,
                definition: item["definition"]?.objectValue ?? [:]
            )
        }
    }

    private static func items<Item>(
        _ client: ManagementClient,
        _ path: [String],
        _ columns: [String],
        _ read: (JSONObject) -> Item?
    ) async throws(ManagementError) -> [Item] {
        let value = try await client.answer(path, columns: columns).value
        guard let list = value.arrayValue else {
            throw ManagementError(.malformed, "\(client.access.base)/api/\(path[0]) does not answer with a list")
        }
        return list.compactMap { $0.objectValue.flatMap(read) }
    }
}
