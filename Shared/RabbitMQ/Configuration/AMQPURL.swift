import Foundation
package import Messaging

/// An address after RabbitMQ's URI specification, `amqp://user:password@host:port/vhost?heartbeat=10`; the nodes of a
/// cluster are separated by commas, `amqp://user:password@one:5672,two:5672/vhost`.
package struct AMQPURL: Sendable, Hashable {
    /// Where a broker listens.
    package struct Node: Sendable, Hashable {
        package var host: String
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    package var isSecure: Bool
    /// At least one; any of them will do.
    package let nodes: [Node]
    package var user: String
    package var password: String
    /// `/` where the address names none.
    package var virtualHost: String
    /// `heartbeat=SECONDS` of the query.
    package var heartbeat: Duration?

    /// Reads an address; what it leaves out is RabbitMQ's default: guest, guest, 5672 or 5671, `/`.
    ///
    /// - Throws: ``MessagingError`` with `invalid_configuration`; its message never shows the password.
    package init(_ text: String) throws(MessagingError) {
        guard let scheme = text.range(of: "://") else { throw Self.invalid("it has no scheme") }
        switch text[..<scheme.lowerBound].lowercased() {
        case "amqp": isSecure = false
        case "amqps": isSecure = true
        default: throw Self.invalid("its scheme is neither amqp nor amqps")
        }
        var rest = text[scheme.upperBound...]
        heartbeat = try Self.heartbeat(in: Self.cut(&rest, at: "?"))
        let path = Self.cut(&rest, at: "/")
        virtualHost = path.isEmpty ? "/" : try Self.decoded(path, "its virtual host")
        (user, password) = try Self.credentials(&rest)
        nodes = try Self.nodes(rest, defaultPort: isSecure ? 5671 : 5672)
    }

    /// The host of the first node, for what is asked of one of them.
    package var host: String { nodes[0].host }

    /// The address for people: without the password.
    package var redacted: String { redacted(nodes) }

    /// The address of one node for people.
    func redacted(_ nodes: [Node]) -> String {
        let places = nodes.map { "\($0.host):\($0.port)" }.joined(separator: ",")
        return "\(isSecure ? "amqps" : "amqp")://\(user)@\(places)\(virtualHost == "/" ? "" : "/\(virtualHost)")"
    }

    // MARK: Parts

    private static func credentials(_ rest: inout Substring) throws(MessagingError) -> (String, String) {
        guard let at = rest.lastIndex(of: "@") else { return ("guest", "guest") }
        var user = rest[..<at]
        rest = rest[rest.index(after: at)...]
        let password = cut(&user, at: ":")
        return (try decoded(user, "its user"), try decoded(password, "its password"))
    }

    private static func nodes(_ text: Substring, defaultPort: Int) throws(MessagingError) -> [Node] {
        var nodes: [Node] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !part.isEmpty || text.isEmpty else { throw invalid("one of its hosts is empty") }
            let node = try node(part, defaultPort: defaultPort)
            guard !nodes.contains(node) else { throw invalid("it names \(node.host):\(node.port) twice") }
            nodes.append(node)
        }
        return nodes
    }

    private static func node(_ text: Substring, defaultPort: Int) throws(MessagingError) -> Node {
        var host = text
        var port = Substring()
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
            guard port.isEmpty || port.removeFirst() == ":" else { throw invalid("its host is unclear") }
        } else {
            port = cut(&host, at: ":")
        }
        let name = host.isEmpty ? "localhost" : String(host)
        guard !port.isEmpty else { return Node(host: name, port: defaultPort) }
        guard let number = Int(port), (1...65535).contains(number) else { throw invalid("its port is no port") }
        return Node(host: name, port: number)
    }

    private static func heartbeat(in query: Substring) throws(MessagingError) -> Duration? {
        var heartbeat: Duration?
        for parameter in query.split(separator: "&") {
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair[0] == "heartbeat" else { throw invalid("it has the unknown parameter '\(pair[0])'") }
            guard pair.count == 2, let seconds = Int(pair[1]), (1...3600).contains(seconds) else {
                throw invalid("its heartbeat is not 1 to 3600 seconds")
            }
            heartbeat = .seconds(seconds)
        }
        return heartbeat
    }

    // MARK: Text

    /// Cuts `text` at the first `separator` and returns what came behind it.
    private static func cut(_ text: inout Substring, at separator: Character) -> Substring {
        guard let index = text.firstIndex(of: separator) else { return "" }
        defer { text = text[..<index] }
        return text[text.index(after: index)...]
    }

    private static func decoded(_ text: Substring, _ part: String) throws(MessagingError) -> String {
        guard let decoded = String(text).removingPercentEncoding else {
            throw invalid("\(part) is not percent-encoded UTF-8")
        }
        return decoded
    }

    private static func invalid(_ reason: String) -> MessagingError {
        MessagingError(.invalidConfiguration, "AMQP URL cannot be used: \(reason)")
    }
}
