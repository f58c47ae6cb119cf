import Foundation
package import Messaging

/// An address after RabbitMQ's URI specification: `amqp://user:password@host:port/vhost?heartbeat=10`.
package struct AMQPURL: Sendable, Hashable {
    package var isSecure: Bool
    package var host: String
    package var port: Int
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
        (host, port) = try Self.authority(rest, defaultPort: isSecure ? 5671 : 5672)
    }

    /// The address for people: without the password.
    package var redacted: String {
        "\(isSecure ? "amqps" : "amqp")://\(user)@\(host):\(port)\(virtualHost == "/" ? "" : "/\(virtualHost)")"
    }

    // MARK: Parts

    private static func credentials(_ rest: inout Substring) throws(MessagingError) -> (String, String) {
        guard let at = rest.lastIndex(of: "@") else { return ("guest", "guest") }
        var user = rest[..<at]
        rest = rest[rest.index(after: at)...]
        let password = cut(&user, at: ":")
        return (try decoded(user, "its user"), try decoded(password, "its password"))
    }

    private static func authority(_ text: Substring, defaultPort: Int) throws(MessagingError) -> (String, Int) {
        var host = text
        var port = Substring()
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
            guard port.isEmpty || port.removeFirst() == ":" else { throw invalid("its host is unclear") }
        } else {
            port = cut(&host, at: ":")
        }
        guard !port.isEmpty else { return (host.isEmpty ? "localhost" : String(host), defaultPort) }
        guard let number = Int(port), (1...65535).contains(number) else { throw invalid("its port is no port") }
        return (host.isEmpty ? "localhost" : String(host), number)
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
